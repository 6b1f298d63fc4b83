internal import Instrumentation
internal import Synchronization
internal import VectorStores

/// One pass over the queries with all its memory taken beforehand: between two readings of the clock there is one call of the
/// store.
final class StorePass: @unchecked Sendable {
  // Sendable: a worker writes only the places of the calls it took from `next`, and the slot of its own number; the memory
  // outlives the crew, which `run` awaits.
  private let hits: UnsafeMutableBufferPointer<[SearchHit]>
  private let latencies: UnsafeMutableBufferPointer<UInt64>
  private let slots: UnsafeMutableBufferPointer<Slot>
  private let next = Atomic<Int>(0)

  /// What one worker leaves behind.
  private struct Slot {
    var start: UInt64 = 0
    var end: UInt64 = 0
    var failure: (any Error)?
  }

  struct Answers {
    /// Of each query.
    var hits: [[SearchHit]]
    /// Nanoseconds of each query.
    var latencies: [UInt64]
    /// Wall time of the pass.
    var seconds: Double
  }

  private init(queries: Int, threads: Int) {
    hits = .allocate(capacity: queries)
    hits.initialize(repeating: [])
    latencies = .allocate(capacity: queries)
    latencies.initialize(repeating: 0)
    slots = .allocate(capacity: min(threads, queries))
    slots.initialize(repeating: Slot())
  }

  deinit {
    hits.deinitialize()
    hits.deallocate()
    latencies.deallocate()
    slots.deinitialize()
    slots.deallocate()
  }

  /// Asks every query once.
  ///
  /// - Parameter ask: given a query's number, asks the store for it.
  /// - Throws: the first error of any thread.
  static func run(
    queries: Int, threads: Int, _ ask: @escaping @Sendable (_ query: Int) throws -> [SearchHit]
  ) throws -> Answers {
    let pass = StorePass(queries: queries, threads: threads)
    ThreadCrew.run(pass.slots.count) { worker in
      do {
        try pass.work(ask, worker: worker)
      } catch {
        pass.slots[worker].failure = error
      }
    }
    if let failure = pass.slots.lazy.compactMap(\.failure).first { throw failure }
    let start = pass.slots.map(\.start).min() ?? 0
    let end = pass.slots.map(\.end).max() ?? 0
    return Answers(
      hits: Array(pass.hits), latencies: Array(pass.latencies), seconds: MonotonicClock.seconds(from: start, to: end))
  }

  private func work(_ ask: @Sendable (_ query: Int) throws -> [SearchHit], worker: Int) throws {
    slots[worker].start = MonotonicClock.now()
    while true {
      let query = next.add(1, ordering: .relaxed).oldValue
      guard query < latencies.count else { break }
      let start = MonotonicClock.now()
      hits[query] = try ask(query)
      latencies[query] = MonotonicClock.now() - start
    }
    slots[worker].end = MonotonicClock.now()
  }
}
