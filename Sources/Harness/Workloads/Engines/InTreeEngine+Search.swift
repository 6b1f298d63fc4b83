package import Datasets
internal import Instrumentation
internal import Synchronization
internal import VectorIndexes

extension InTreeEngine {
  /// - Throws: `EngineError` for a parameter that no index has, `VectorIndexError` for what this index refuses.
  package func search(_ queries: VectorSet, pass request: SearchPassRequest) throws -> SearchPass {
    guard let index else { throw EngineError("the index was not built, so it cannot be searched") }
    guard queries.dimension == dimension else {
      throw EngineError("queries of \(queries.dimension) dimensions cannot search vectors of \(dimension)")
    }
    guard queries.count > 0, request.k > 0, request.threads > 0 else {
      throw EngineError("a pass needs at least one query, one thread and k above 0")
    }
    let size =
      switch request.mode {
      case .single: 1
      case .batch(let size): size
      }
    guard size > 0 else { throw EngineError("a batch needs at least one query, not \(size)") }
    let pass = try TimedPass(
      queries: queries, k: request.k, batch: request.mode == .single ? nil : size, threads: request.threads,
      parameters: SearchParameters(named: request.parameters), filter: request.allowed.map { IDFilter($0) })
    return try pass.run(index)
  }
}

extension SearchParameters {
  static let names = ["ef", "nprobe", "rerank"]

  /// - Throws: `EngineError` for an unknown name or a value that is no integer of at least 0.
  init(named values: [String: String]) throws {
    self.init()
    for (name, text) in values.sorted(by: { $0.key < $1.key }) {
      guard let value = Int(text), value >= 0 else {
        throw EngineError("search parameter \(name) must be an integer of at least 0, not '\(text)'")
      }
      switch name {
      case "ef": ef = value
      case "nprobe": nprobe = value
      case "rerank": rerank = value
      default:
        throw EngineError(
          "no search parameter is called '\(name)'; an index here has \(Self.names.joined(separator: ", "))")
      }
    }
  }
}

/// One pass with all its memory taken beforehand: between two readings of the clock there is one call of the index.
private final class TimedPass: @unchecked Sendable {
  // Sendable: a worker writes only the places of the calls it took from `next`, and the slot of its own number; the
  // memory outlives the crew, which `run` awaits.
  private let d: Int
  private let k: Int
  private let count: Int
  /// Queries a call; nil asks one by one through `search`.
  private let batch: Int?
  private let threads: Int
  private let parameters: SearchParameters
  private let filter: IDFilter?
  private let queries: [Float]
  private let neighbors: UnsafeMutableBufferPointer<Neighbor>
  private let latencies: UnsafeMutableBufferPointer<UInt64>
  private let slots: UnsafeMutableBufferPointer<Slot>
  private let next = Atomic<Int>(0)
  /// Calls that a worker takes at a time: enough that workers seldom write to the same cache line, few enough that none
  /// is left waiting for the last.
  private let grain: Int

  /// What one worker leaves behind.
  private struct Slot {
    var start: UInt64 = 0
    var end: UInt64 = 0
    var statistics = SearchStatistics()
    var failure: (any Error)?
  }

  init(
    queries: VectorSet, k: Int, batch: Int?, threads: Int, parameters: SearchParameters, filter: IDFilter?
  ) {
    d = queries.dimension
    self.k = k
    count = queries.count
    self.batch = batch
    // A batch is spread over threads by the index itself.
    self.threads = batch == nil ? min(threads, queries.count) : threads
    self.parameters = parameters
    self.filter = filter
    self.queries = queries.values
    neighbors = .allocate(capacity: queries.count * k)
    neighbors.initialize(repeating: .none)
    latencies = .allocate(capacity: (queries.count + (batch ?? 1) - 1) / (batch ?? 1))
    latencies.initialize(repeating: 0)
    slots = .allocate(capacity: max(1, batch == nil ? self.threads : 1))
    slots.initialize(repeating: Slot())
    grain = min(8, max(1, latencies.count / (slots.count * 64)))
  }

  deinit {
    neighbors.deallocate()
    latencies.deallocate()
    slots.deinitialize()
    slots.deallocate()
  }

  func run(_ index: some VectorIndex) throws -> SearchPass {
    queries.withUnsafeBufferPointer { queries in
      // Sendable: read only, and `run` of the crew ends before the buffer does.
      nonisolated(unsafe) let queries = queries
      ThreadCrew.run(slots.count) { [self] worker in
        do {
          try work(index, queries, worker: worker)
        } catch {
          slots[worker].failure = error
        }
      }
    }
    if let failure = slots.lazy.compactMap(\.failure).first { throw failure }
    var statistics = SearchStatistics()
    for slot in slots { statistics += slot.statistics }
    let start = slots.map(\.start).min() ?? 0
    let end = slots.map(\.end).max() ?? 0
    return SearchPass(
      ids: neighbors.map(\.id), latencies: Array(latencies), seconds: Double(end - start) / 1e9,
      distances: statistics.distances > 0 ? statistics.distances : nil,
      visited: statistics.visited > 0 ? statistics.visited : nil)
  }

  private func work(_ index: some VectorIndex, _ queries: UnsafeBufferPointer<Float>, worker: Int) throws {
    let size = batch ?? 1
    var statistics = SearchStatistics()
    let begin = MonotonicClock.now()
    while true {
      let taken = next.add(grain, ordering: .relaxed).oldValue
      guard taken < latencies.count else { break }
      for call in taken..<min(taken + grain, latencies.count) {
        let first = call * size
        let rows = min(size, count - first)
        let query = UnsafeBufferPointer(rebasing: queries[first * d..<(first + rows) * d]).span
        var results = UnsafeMutableBufferPointer(rebasing: neighbors[first * k..<(first + rows) * k]).mutableSpan
        let start = MonotonicClock.now()
        if batch == nil {
          statistics += try index.search(query, k: k, parameters: parameters, filter: filter, into: &results)
        } else {
          statistics += try index.searchBatch(
            query, k: k, parameters: parameters, filter: filter, threads: threads, into: &results)
        }
        latencies[call] = MonotonicClock.now() - start
      }
    }
    slots[worker].end = MonotonicClock.now()
    slots[worker].start = begin
    slots[worker].statistics = statistics
  }
}
