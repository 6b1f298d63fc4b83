/// One row of an experiment: what was varied, and what was measured.
public struct CaseRecord: Sendable, Equatable, Codable {
  /// Unique in its run, stable over runs: "search/sift-5k/hnsw/m=16,ef_construction=200/ef=40".
  public var id: String
  public var workload: String
  /// What was varied, by the field's names: dataset, index, m, ef, k, threads, engine, ….
  public var labels: [String: String]
  public var metrics: [String: MetricValue]
  /// Why the case has no metrics: the stored failure of an engine that died, refused or answered nonsense.
  public var failure: String?

  public init(
    id: String, workload: String, labels: [String: String], metrics: [String: MetricValue] = [:],
    failure: String? = nil
  ) {
    self.id = id
    self.workload = workload
    self.labels = labels
    self.metrics = metrics
    self.failure = failure
  }
}
