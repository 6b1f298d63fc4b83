package import Datasets
internal import Kernels
package import VectorIndexes

/// Judges answers against the truth, by distances that it computes itself from the original vectors.
package struct RecallJudge: Sendable {
  private let dataset: VectorDataset
  private let truth: GroundTruth
  private let ties: TieRule
  private let allowed: IDFilter?
  private let kernels = Kernels.active
  /// The largest distance of each query that still counts.
  private let thresholds: [Float]

  /// - Parameter allowed: what a filtered search may return; the truth must be of those alone.
  package init(_ dataset: VectorDataset, truth: GroundTruth, ties: TieRule, allowed: IDFilter? = nil) {
    self.dataset = dataset
    self.truth = truth
    self.ties = ties
    self.allowed = allowed
    let kernels = kernels
    thresholds = (0..<dataset.queries.count).map { query in
      // The same kernel computes both sides, so that its rounding cannot turn a true neighbour away.
      let farthest =
        truth.neighbors[query * truth.k..<(query + 1) * truth.k].lazy
        .map { Self.distance(dataset, kernels, query: query, row: Int($0)) }.max() ?? 0
      return switch ties {
      case .distance, .ids: farthest + 1e-6 * abs(farthest)
      case .annBenchmarks: Self.stated(farthest, dataset.metric) + 1e-3
      }
    }
  }

  /// Recall of each query: unique ids that count / k.
  ///
  /// - Parameter ids: `queries × k`, −1 for an empty place; an id that is no row of the base set counts as a miss.
  /// - Complexity: O(queries × k × dimension).
  package func recall(of ids: [Int64]) -> [Double] {
    let k = truth.k
    var seen: Set<Int64> = []
    return (0..<dataset.queries.count).map { query in
      seen.removeAll(keepingCapacity: true)
      var hits = 0
      for id in ids[query * k..<(query + 1) * k] {
        guard id >= 0, id < dataset.base.count, seen.insert(id).inserted, allowed?.contains(id) ?? true else {
          continue
        }
        if counts(id, query) { hits += 1 }
      }
      return Double(hits) / Double(k)
    }
  }

  private func counts(_ id: Int64, _ query: Int) -> Bool {
    switch ties {
    case .ids:
      return truth.neighbors[query * truth.k..<(query + 1) * truth.k].contains(Int32(id))
    case .distance:
      return Self.distance(dataset, kernels, query: query, row: Int(id)) <= thresholds[query]
    case .annBenchmarks:
      let distance = Self.distance(dataset, kernels, query: query, row: Int(id))
      return Self.stated(distance, dataset.metric) <= thresholds[query]
    }
  }

  private static func stated(_ distance: Float, _ metric: DatasetMetric) -> Float {
    metric == .l2 ? distance.squareRoot() : distance
  }

  private static func distance(_ dataset: VectorDataset, _ kernels: KernelTable, query: Int, row: Int) -> Float {
    let d = dataset.base.dimension
    return dataset.queries.values.withUnsafeBufferPointer { queries in
      dataset.base.values.withUnsafeBufferPointer { rows in
        guard let q = queries.baseAddress, let x = rows.baseAddress else { return .infinity }
        return switch dataset.metric {
        case .l2: kernels.l2(q + query * d, x + row * d, d)
        case .ip: -kernels.ip(q + query * d, x + row * d, d)
        case .cosine: 1 - kernels.cosine(q + query * d, x + row * d, d)
        }
      }
    }
  }
}
