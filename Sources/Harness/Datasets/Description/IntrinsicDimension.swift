import Foundation

/// The number of directions in which a set really varies around its points.
public enum IntrinsicDimension {
  /// Levina and Bickel's maximum likelihood estimate (NIPS 2004), averaged over queries as MacKay and Ghahramani propose
  /// (2005): the inverse of the mean logarithm of the ratio of the k-th neighbour's distance to the nearer ones'.
  ///
  /// Euclidean distances are taken, of normalised vectors under cosine. The estimate of a finite sample lies below the
  /// truth, the more so the higher the dimension.
  ///
  /// - Parameters: at most `queries` queries are asked against the first `rows` base rows for `k` neighbours.
  /// - Returns: `nil` where there are fewer than 2 k rows, or too few neighbours of different distance.
  public static func estimate(of dataset: VectorDataset, queries: Int = 50, rows: Int = 100_000, k: Int = 20) -> Double?
  {
    guard dataset.base.count >= 2 * k, k > 2,
      let base = try? dataset.base.first(rows), let asked = try? dataset.queries.first(queries)
    else { return nil }
    let metric: DatasetMetric = dataset.metric == .cosine ? .cosine : .l2
    let sample = VectorDataset(name: "", metric: metric, base: base, queries: asked, contentHash: "")
    guard let truth = try? GroundTruth.reference(of: sample, k: k) else { return nil }
    var logarithms = 0.0
    var terms = 0
    for query in 0..<asked.count {
      // 1 − cosine is half the squared distance of normalised vectors: the factor falls out of the ratio.
      let squares = truth.distances[query * k..<(query + 1) * k].map { Double($0) }.filter { $0 > 1e-12 }
      guard squares.count > 2, let farthest = squares.last else { continue }
      logarithms += squares.dropLast().reduce(0) { $0 + log(farthest / $1) / 2 }
      // k − 2 instead of k − 1 neighbours takes the bias away (Levina and Bickel, section 3.1).
      terms += squares.count - 2
    }
    return logarithms > 0 ? Double(terms) / logarithms : nil
  }
}
