internal import Instrumentation
internal import Synchronization
internal import VectorStores

/// A pass over the queries with its memory taken beforehand: between two readings of the clock there is one call of the store.
final class StorePass: @unchecked Sendable {
  // Sendable: a worker writes only the places of the calls it took from `next`, and the slot of its own number; the memory
  // outlives the crew, which `run` awaits.
  private let hits: UnsafeMutableBufferPointer<[SearchHit]>
  private let slots: UnsafeMutableBufferPointer<Slot>
  private let next = Atomic<Int>(0)
  private let duration: UInt64

  /// However fast a store is, its latencies are to be kept.
  private static let mostRounds = 100

  /// What one worker leaves behind.
  private struct Slot {
    var start: UInt64 = 0
    var end: UInt64 = 0
    var latencies: [UInt64] = []
    var failure: (any Error)?
  }

  struct Answers {
    /// Of each query, when it was asked first.
    var hits: [[SearchHit]]
    /// Nanoseconds of each call.
    var latencies: [UInt64]
    /// Wall time of the pass.
    var seconds: Double
  }

  private init(queries: Int, threads: Int, duration: UInt64) {
    self.duration = duration
    hits = .allocate(capacity: queries)
    hits.initialize(repeating: [])
    slots = .allocate(capacity: min(threads, queries))
    slots.initialize(repeating: Slot())
  }

  deinit {
    hits.deinitialize()
    hits.deallocate()
    slots.deinitialize()
    slots.deallocate()
  }

  /// Asks every query once, and goes round again until so many seconds have passed: where a round takes a millisecond, starting
  /// the threads would show in its rate.
  ///
  /// - Parameter ask: given a query's number, asks the store for it.
  /// - Throws: the first error of any thread.
  static func run(
    queries: Int, threads: Int, atLeast seconds: Double,
    _ ask: @escaping @Sendable (_ query: Int) throws -> [SearchHit]
  ) throws -> Answers {
    let pass = StorePass(queries: queries, threads: threads, duration: UInt64(seconds * 1e9))
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
      hits: Array(pass.hits), latencies: pass.slots.flatMap(\.latencies),
      seconds: MonotonicClock.seconds(from: start, to: end))
  }

  private func work(_ ask: @Sendable (_ query: Int) throws -> [SearchHit], worker: Int) throws {
    var latencies: [UInt64] = []
    latencies.reserveCapacity(hits.count * Self.mostRounds / slots.count)
    let begin = MonotonicClock.now()
    var end = begin
    while true {
      let call = next.add(1, ordering: .relaxed).oldValue
      guard call < hits.count || (end - begin < duration && call < hits.count * Self.mostRounds) else { break }
      let start = MonotonicClock.now()
      let found = try ask(call % hits.count)
      end = MonotonicClock.now()
      latencies.append(end - start)
      if call < hits.count { hits[call] = found }
    }
    slots[worker] = Slot(start: begin, end: end, latencies: latencies)
  }
}
