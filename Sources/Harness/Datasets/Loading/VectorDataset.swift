/// How a dataset says that its vectors are to be compared.
public enum DatasetMetric: String, Sendable, Codable, CaseIterable {
  case l2, ip, cosine
}

/// A base set to insert, queries to ask, and what the source knows about them.
public struct VectorDataset: Sendable {
  public var name: String
  public var metric: DatasetMetric
  public var base: VectorSet
  /// Held out from the base set where the source has none.
  public var queries: VectorSet
  /// SHA-256 over metric, base and queries: the workload's identity, and the key of the ground-truth cache.
  public var contentHash: String

  public init(name: String, metric: DatasetMetric, base: VectorSet, queries: VectorSet, contentHash: String) {
    self.name = name
    self.metric = metric
    self.base = base
    self.queries = queries
    self.contentHash = contentHash
  }
}
