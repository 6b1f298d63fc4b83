import Files

/// The one door to vectors: catalogue names, the generator, and a user's own files.
///
/// ```
/// let loader = try DatasetLoader.standard(environment: ProcessInfo.processInfo.environment)
/// let dataset = try loader.load(DatasetRequest(name: "fashion-mnist", maxBase: 10_000))
/// ```
public struct DatasetLoader: Sendable {
  public let catalog: Catalog
  public let library: DatasetLibrary

  public init(catalog: Catalog, library: DatasetLibrary) {
    self.catalog = catalog
    self.library = library
  }

  /// The project's catalogue, and the folders that `RAGMETER_CACHE` and `RAGMETER_MIRROR` name.
  public static func standard(environment: [String: String]) throws -> DatasetLoader {
    DatasetLoader(catalog: try .standard(), library: try DatasetLibrary(environment: environment))
  }

  /// Where the ground truth of loaded datasets is kept.
  public var groundTruth: GroundTruthCache { GroundTruthCache(folder: "\(library.cache)/ground-truth") }

  /// Loads a dataset, fetching what is not there yet.
  ///
  /// - Throws: `DataError` in one sentence: unknown names, files that are not what they should be, sources that cannot
  ///   be reached or differ from the catalogue, zero vectors under cosine.
  public func load(_ request: DatasetRequest, progress: FetchProgress? = nil) throws -> VectorDataset {
    for (what, limit) in [("base rows", request.maxBase), ("queries", request.maxQueries)] {
      if let limit, limit < 1 { throw DataError.invalid("\(limit) \(what) were asked for; ask for at least one") }
    }
    if isGenerated(request.name) { return try generate(request) }
    if let entry = catalog[request.name] { return try load(entry, request, progress: progress) }
    guard request.name.contains("/") || request.name.contains(".") else {
      throw DataError.invalid(
        "no dataset is called '\(request.name)'; 'ragmeter dataset list' shows those there are, and a file needs a path"
      )
    }
    return try loadFile(request)
  }

  /// Whether a name is the catalogue's or the generator's, and no path.
  public func knows(_ name: String) -> Bool { isGenerated(name) || catalog[name] != nil }

  private func isGenerated(_ name: String) -> Bool { name == "synthetic" || name.hasPrefix("synthetic:") }

  private func generate(_ request: DatasetRequest) throws -> VectorDataset {
    var parameters = try SyntheticParameters(parsing: String(request.name.dropFirst("synthetic:".count)))
    if let metric = request.metric { parameters.metric = metric }
    let generator = try SyntheticGenerator(parameters)
    return try VectorDataset(
      name: "synthetic:\(parameters.text)", metric: parameters.metric, base: generator.base().first(request.maxBase),
      queries: generator.queries().first(request.maxQueries))
  }

  private func load(
    _ entry: CatalogEntry, _ request: DatasetRequest, progress: FetchProgress?
  ) throws -> VectorDataset {
    guard let basePart = entry.base else { return try generate(request) }
    let keepsAll = entry.queries == nil || entry.dropsZeroRows
    var base = try read(basePart, of: entry, limit: keepsAll ? nil : request.maxBase, progress: progress)
    var queries: VectorSet
    if let part = entry.queries {
      queries = try read(part, of: entry, limit: nil, progress: progress)
    } else {
      (base, queries) = try base.holdingOut(entry.heldOut, seed: request.seed)
    }
    if entry.dropsZeroRows { (base, queries) = (try base.droppingZeroRows(), try queries.droppingZeroRows()) }
    return try VectorDataset(
      name: entry.name, metric: request.metric ?? entry.metric, base: base.first(request.maxBase),
      queries: queries.first(request.maxQueries))
  }

  private func read(
    _ part: CatalogPart, of entry: CatalogEntry, limit: Int?, progress: FetchProgress?
  ) throws -> VectorSet {
    let path = try library.path(of: part, in: entry, progress: progress)
    let set = try VectorFile(path: path, format: part.format, table: part.table, idColumn: part.idColumn)
      .read(limit: limit)
    guard set.dimension == entry.dimension, set.count == min(part.count, limit ?? part.count) else {
      throw DataError.unavailable(
        name: entry.name,
        reason:
          "\(path) holds \(set.count) × \(set.dimension), and the catalogue says \(part.count) × \(entry.dimension)")
    }
    return set
  }
}
