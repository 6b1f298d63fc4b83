/// The exact k nearest neighbours of every query, ties kept.
public struct GroundTruth: Sendable, Equatable, Codable {
  public var k: Int
  /// Row numbers in the base set, `queries × k`, nearest first, ties by smaller row.
  public var neighbors: [Int32]
  /// Their distances under the dataset's metric (squared L2, −ip, 1 − cosine), `queries × k`.
  public var distances: [Float]

  public init(k: Int, neighbors: [Int32], distances: [Float]) {
    self.k = k
    self.neighbors = neighbors
    self.distances = distances
  }
}
