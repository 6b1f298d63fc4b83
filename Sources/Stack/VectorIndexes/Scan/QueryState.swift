import Kernels

/// One query's progress through the rows of a store. Lives in memory of its scratch and is handled by pointer.
struct QueryState {
  /// The nearest so far: by distance and id, or by score and place while scores only choose what to re-rank.
  var heap = NeighborHeap()
  /// Rows whose bound could not discard them and whose distance is not known yet.
  var pending = PendingRows()
  /// What the query brings to rows of the reference at hand.
  var panel = PanelQuery(offset: 0, weight: 0, constant: 0)
  var code = QueryCode()
  /// Rows with a bound above this are out.
  var limit = Float.infinity
  /// Pending rows at which the next distances are computed.
  var fullAt = 0
  /// The query, prepared.
  var vector: UnsafePointer<Float>
  var statistics = SearchStatistics()

  init(vector: UnsafePointer<Float>) { self.vector = vector }

  func deallocate() {
    heap.deallocate()
    pending.deallocate()
  }

  mutating func reset(k: Int, vector: UnsafePointer<Float>) {
    heap.reset(k: k)
    pending.count = 0
    limit = .infinity
    fullAt = max(2 * k, 48)
    statistics = SearchStatistics()
    self.vector = vector
  }
}
