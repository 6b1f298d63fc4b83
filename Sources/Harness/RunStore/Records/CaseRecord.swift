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
  /// What the case did worst at, worst first; nil for workloads that ask no questions in words.
  public var worst: [WorstQuestion]?

  public init(
    id: String, workload: String, labels: [String: String], metrics: [String: MetricValue] = [:],
    failure: String? = nil, worst: [WorstQuestion]? = nil
  ) {
    self.id = id
    self.workload = workload
    self.labels = labels
    self.metrics = metrics
    self.failure = failure
    self.worst = worst
  }
}

/// A question that retrieval answered badly.
public struct WorstQuestion: Sendable, Equatable, Codable {
  public var id: String
  public var text: String
  /// nDCG at the case's k.
  public var score: Double
  /// Ids of the documents that answer it.
  public var relevant: [String]
  /// Id of the document that came first; nil where none was found.
  public var found: String?

  public init(id: String, text: String, score: Double, relevant: [String], found: String?) {
    self.id = id
    self.text = text
    self.score = score
    self.relevant = relevant
    self.found = found
  }
}
