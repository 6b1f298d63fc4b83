internal import Datasets
internal import Foundation
internal import Instrumentation
internal import RunStore
internal import Synchronization

/// Searches on some threads while one more inserts at a stated rate.
///
/// Inserts follow a schedule made beforehand: one that is late counts as such, and its latency runs from the moment it
/// should have begun, so that waiting does not hide.
final class LivePass: @unchecked Sendable {
  // Sendable: a thread writes only the list of its own number, which is read after all have ended.
  private let engine: any LiveEngine
  private let dataset: VectorDataset
  private let rows: Range<Int>
  private let rate: Int
  private let batch: Int
  private let request: SearchPassRequest
  private let isOver = Atomic<Bool>(false)
  private let latencies: UnsafeMutableBufferPointer<[UInt64]>
  private let failures: UnsafeMutableBufferPointer<(any Error)?>
  private var inserts: [UInt64] = []
  private var late = 0
  private var insertSeconds = 0.0

  /// An insert that begins later than this after its time is late.
  private static let tolerance: UInt64 = 1_000_000

  init(
    engine: any LiveEngine, dataset: VectorDataset, rows: Range<Int>, rate: Int, batch: Int, request: SearchPassRequest
  ) {
    self.engine = engine
    self.dataset = dataset
    self.rows = rows
    self.rate = rate
    self.batch = batch
    self.request = request
    latencies = .allocate(capacity: request.threads)
    latencies.initialize(repeating: [])
    failures = .allocate(capacity: request.threads + 1)
    failures.initialize(repeating: nil)
  }

  deinit {
    latencies.deinitialize()
    latencies.deallocate()
    failures.deinitialize()
    failures.deallocate()
  }

  /// The series of the pass: latency of every search and insert in nanoseconds, seconds, inserted and late vectors.
  ///
  /// - Throws: the first error of any thread.
  func run() throws -> [String: Samples] {
    let start = MonotonicClock.now()
    ThreadCrew.run(request.threads + 1) { [self] worker in
      do {
        worker == request.threads ? try insertAll() : try searchOn(worker)
      } catch {
        failures[worker] = error
        isOver.store(true, ordering: .relaxed)
      }
    }
    let seconds = MonotonicClock.seconds(from: start, to: MonotonicClock.now())
    if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
    let searches = latencies.flatMap { $0 }
    guard !searches.isEmpty else {
      throw EngineError(
        "no search ended while \(rows.count) vectors were inserted; lower the rate or give more seconds")
    }
    return [
      "latency": .uint64(searches), "seconds": .double([seconds]), "queries": .uint64([UInt64(searches.count)]),
      "insert_latency": .uint64(inserts), "inserted": .uint64([UInt64(rows.count)]),
      "insert_seconds": .double([insertSeconds]), "late_inserts": .uint64([UInt64(late)]),
    ]
  }

  private func insertAll() throws {
    defer { isOver.store(true, ordering: .relaxed) }
    let start = MonotonicClock.now()
    inserts.reserveCapacity(rows.count / batch + 1)
    for (number, first) in stride(from: rows.lowerBound, to: rows.upperBound, by: batch).enumerated() {
      let due = start + UInt64(Double(number * batch) / Double(rate) * 1e9)
      let now = MonotonicClock.now()
      if now < due {
        Thread.sleep(forTimeInterval: Double(due - now) / 1e9)
      } else if now - due > Self.tolerance {
        late += 1
      }
      try engine.insert(dataset.base, rows: first..<min(rows.upperBound, first + batch))
      inserts.append(MonotonicClock.now() - due)
      if isOver.load(ordering: .relaxed) { return }
    }
    insertSeconds = MonotonicClock.seconds(from: start, to: MonotonicClock.now())
  }

  /// Asks the queries round and round until the inserts are through; each thread begins at a place of its own.
  private func searchOn(_ worker: Int) throws {
    let queries = dataset.queries
    var found: [UInt64] = []
    found.reserveCapacity(1 << 20)
    var next = worker * queries.count / request.threads
    let search = try engine.liveSearch(k: request.k, parameters: request.parameters)
    while !isOver.load(ordering: .relaxed) {
      found.append(try search(queries, next))
      next = next + 1 == queries.count ? 0 : next + 1
    }
    latencies[worker] = found
  }
}
