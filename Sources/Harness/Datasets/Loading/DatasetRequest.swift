/// Which vectors to load, and how much of them.
public struct DatasetRequest: Sendable, Equatable {
  /// A name of the catalogue, `synthetic` or `synthetic:key=value,…`, or a file's path.
  public var name: String
  /// A file of queries beside a file given by its path; otherwise a sibling is looked for, and else rows are held out.
  public var queriesPath: String?
  /// Only the first rows of the base set.
  public var maxBase: Int?
  /// Only the first queries; the base set is the same whatever this says.
  public var maxQueries: Int?
  /// Instead of the metric that the source states.
  public var metric: DatasetMetric?
  /// Which rows are held out as queries, where the source has none. The generator has a seed of its own.
  public var seed: UInt64
  /// Column of a TSV or CSV file, counted from 1, that holds an id.
  public var idColumn: Int?

  public init(
    name: String, queriesPath: String? = nil, maxBase: Int? = nil, maxQueries: Int? = nil,
    metric: DatasetMetric? = nil, seed: UInt64 = 42, idColumn: Int? = nil
  ) {
    self.name = name
    self.queriesPath = queriesPath
    self.maxBase = maxBase
    self.maxQueries = maxQueries
    self.metric = metric
    self.seed = seed
    self.idColumn = idColumn
  }
}
