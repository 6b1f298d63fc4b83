import Kernels

extension HNSWIndex {
  @discardableResult
  public func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    guard query.count == dimension else {
      throw VectorIndexError.invalidArgument(
        "the query has \(query.count) dimensions and the index \(dimension); pass one vector of the index's dimension")
    }
    _ = try VectorBatch.validateSearch(query, k: k, places: results.count, dimension: dimension, metric: metric)
    let plan = try SearchPlan(k: k, given: parameters, index: self.parameters)
    return query.withUnsafeBufferPointer { query in
      results.withUnsafeMutableBufferPointer { results in
        search(query.baseAddress.unsafelyUnwrapped, plan, filter, into: results.baseAddress.unsafelyUnwrapped)
      }
    }
  }

  @discardableResult
  public func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    let count = try VectorBatch.validateSearch(
      queries, k: k, places: results.count, dimension: dimension, metric: metric)
    let plan = try SearchPlan(k: k, given: parameters, index: self.parameters)
    let threads = min(max(1, threads), SearchGate.workerLimit)
    let dimension = dimension
    return queries.withUnsafeBufferPointer { queries in
      results.withUnsafeMutableBufferPointer { results in
        withUnsafeTemporaryAllocation(of: SearchStatistics.self, capacity: threads) { sums in
          sums.initialize(repeating: SearchStatistics())
          // Workers read disjoint queries and write disjoint results and sums, all alive until forEach returns.
          nonisolated(unsafe) let (queries, results, sums) = (queries.baseAddress, results.baseAddress, sums)
          Parallel.forEach(count: count, threads: threads, grain: 8) { worker, range in
            guard let queries, let results else { return }
            for i in range {
              sums[worker] += self.search(queries + i * dimension, plan, filter, into: results + i * k)
            }
          }
          return sums.reduce(into: SearchStatistics()) { $0 += $1 }
        }
      }
    }
  }

  /// One query whose arguments were checked.
  @inline(__always)
  private func search(
    _ query: UnsafePointer<Float>, _ plan: SearchPlan, _ filter: IDFilter?, into results: UnsafeMutablePointer<Neighbor>
  ) -> SearchStatistics {
    let (slot, scratch) = gate.enter()
    defer { gate.leave(slot) }
    let alive = graph.rowCount - removedCount
    guard alive > 0 else {
      results.update(repeating: .none, count: plan.k)
      return SearchStatistics()
    }
    let plan = plan.limited(to: graph.rowCount)
    scratch.pointee.reserve(
      rowCount: graph.rowCount, beam: max(plan.ef, plan.rerank, ListScan.chunk) + 4 * parameters.m + 2,
      slotBytes: storage.slotBytes, slotCount: 3)
    var vector = query
    if metric == .cosine {
      let prepared = scratch.pointee.slot(2).assumingMemoryBound(to: Float.self)
      VectorBatch.prepare(query, dimension: dimension, metric: metric, into: prepared)
      vector = UnsafePointer(prepared)
    }
    let none: FloatSpace? = nil
    let found =
      switch (parameters.traversal, parameters.originals) {
      case (.full, .f16): search(vector, plan, filter, storage.halfSpace, none, scratch, results)
      case (.full, _): search(vector, plan, filter, storage.floatSpace, none, scratch, results)
      case (_, .f32): search(vector, plan, filter, storage.codeSpace, storage.floatSpace, scratch, results)
      case (_, .f16): search(vector, plan, filter, storage.codeSpace, storage.halfSpace, scratch, results)
      case (_, .none): search(vector, plan, filter, storage.codeSpace, none, scratch, results)
      }
    for i in found..<plan.k { results[i] = .none }
    scratch.pointee.statistics.found = found
    return scratch.pointee.statistics
  }

  /// Collects candidates, compares the best again on the originals where there are any, and writes up to k results.
  @inline(__always)
  private func search<Traversal: RowSpace, Originals: RowSpace>(
    _ vector: UnsafePointer<Float>, _ plan: SearchPlan, _ filter: IDFilter?, _ traversal: Traversal,
    _ originals: Originals?, _ scratch: UnsafeMutablePointer<SearchScratch>, _ results: UnsafeMutablePointer<Neighbor>
  ) -> Int {
    let scorer = traversal.scorer(vector: vector, slot: scratch.pointee.slot(0))
    let view = graph.view
    var pool: CandidatePool
    if filter == nil && removedCount == 0 {
      let start = view.descend(to: 0, scorer: scorer, scratch: scratch)
      pool = view.beam(level: 0, from: start, ef: plan.ef, scorer: scorer, scratch: scratch)
      scratch.pointee.clearVisited(rowCount: view.rowCount)
    } else {
      pool = restrictedCandidates(plan, filter, scorer, scratch)
    }
    var constant = scorer.constant
    if let originals {
      let exact = originals.scorer(vector: vector, slot: scratch.pointee.slot(1))
      pool = view.rerank(pool, count: plan.rerank, scorer: exact, scratch: scratch)
      constant = exact.constant
    }
    let found = min(plan.k, pool.count)
    let rowIDs = ids.stored?.base
    for i in 0..<found {
      let candidate = pool[i]
      let id = rowIDs.map { $0[Int(candidate.row)] } ?? Int64(candidate.row)
      results[i] = Neighbor(id: id, distance: candidate.distance + constant)
    }
    // The pool breaks ties by row.
    if rowIDs != nil { orderTies(results, found) }
    return found
  }

  private func orderTies(_ results: UnsafeMutablePointer<Neighbor>, _ count: Int) {
    for i in 1..<max(1, count) {
      var j = i
      while j > 0 && results[j].distance == results[j - 1].distance && results[j].id < results[j - 1].id {
        swap(&results[j], &results[j - 1])
        j -= 1
      }
    }
  }
}

/// The numbers of a search, checked and with defaults filled in.
struct SearchPlan: Sendable {
  let k: Int
  private(set) var ef: Int
  /// Candidates compared again, at least k; all of the beam where there is nothing to compare on.
  private(set) var rerank: Int

  init(k: Int, given: SearchParameters, index: HNSWParameters) throws(VectorIndexError) {
    guard given.ef >= 0, given.rerank >= 0 else {
      throw .invalidArgument("ef is \(given.ef) and rerank \(given.rerank); neither may be negative")
    }
    guard given.ef == 0 || given.ef >= k else {
      throw .invalidArgument("ef is \(given.ef) and k \(k); ef must be at least k")
    }
    self.k = k
    ef = given.ef > 0 ? given.ef : max(index.ef, k)
    let automatic = index.traversal == .sq4 ? 3 * k : k + k / 2
    let asked = given.rerank > 0 ? given.rerank : index.rerank
    rerank = max(k, asked > 0 ? asked : automatic)
  }

  /// The same plan without places for more rows than there are.
  func limited(to rowCount: Int) -> SearchPlan {
    var plan = self
    plan.ef = min(ef, rowCount)
    plan.rerank = min(rerank, rowCount)
    return plan
  }
}

extension GraphView {
  /// The pool's best `count` candidates with the scores of another scorer, sorted; the others are dropped.
  @inline(__always)
  func rerank(
    _ pool: CandidatePool, count: Int, scorer: some RowScorer, scratch: UnsafeMutablePointer<SearchScratch>
  ) -> CandidatePool {
    let count = min(count, pool.count)
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    for i in 0..<count {
      rows[i] = pool[i].row
      scorer.fetch(rows[i])
    }
    scorer.score(rows, count, into: scores)
    scratch.pointee.statistics.distances &+= count
    var sorted = CandidatePool(keys: scratch.pointee.keys, capacity: count)
    for i in 0..<count { sorted.insert(Candidate(distance: scores[i], row: rows[i])) }
    return sorted
  }
}
