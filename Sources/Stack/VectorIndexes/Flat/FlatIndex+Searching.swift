import Kernels

extension FlatIndex {
  /// - Complexity: O(count · dimension) on codes, and O(dimension) for each row they cannot discard.
  @discardableResult
  public func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    guard query.count == dimension else { throw VectorBatch.wrongDimension(query.count, dimension) }
    return try searchBatch(query, k: k, parameters: parameters, filter: filter, threads: 1, into: &results)
  }

  @discardableResult
  public func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    let count = try VectorBatch.validateSearch(
      queries, k: k, places: results.count, dimension: dimension, metric: metric)
    if count == 0 { return SearchStatistics() }
    return lock.read {
      queries.withUnsafeBufferPointer { queries in
        results.withUnsafeMutableBufferPointer { results in
          BatchSearch.run(count: count, threads: threads, pool: scratch) { worker, range in
            nearest(
              queries.baseAddress! + range.lowerBound * dimension, count: range.count, k: k, filter: filter,
              scratch: worker, into: results.baseAddress! + range.lowerBound * k)
          }
        }
      }
    }
  }

  private func nearest(
    _ queries: UnsafePointer<Float>, count: Int, k: Int, filter: IDFilter?, scratch: ScanScratch,
    into results: UnsafeMutablePointer<Neighbor>
  ) -> SearchStatistics {
    var quantizer: ScalarQuantizer?
    if case .scalar(let own) = store.codec { quantizer = own }
    store.prepare(queries, count: count, quantizer: quantizer, scratch: scratch)
    store.nearest(
      count: count, k: min(k, max(store.count, 1)), reference: reference, filter: filter,
      codeStride: store.codec.queryBytes, scratch: scratch)
    var sum = SearchStatistics()
    for index in 0..<count {
      scratch.states[index].statistics.found = scratch.states[index].heap.write(into: results + index * k, k: k)
      sum += scratch.states[index].statistics
    }
    return sum
  }
}
