internal import Files
internal import Spelling

/// Finds the folders of models: by path, or by a name of the catalogue in the cache, fetched first if need be.
public struct ModelLibrary: Sendable {
  /// Fetched models lie in a folder each below it.
  public let cache: String
  public let catalog: ModelCatalog
  /// What tells pip, the hub's address and keys.
  public let environment: [String: String]

  /// The project's catalogue, and `RAGMETER_MODELS`, or else `~/.cache/ragmeter/models`, as the cache.
  ///
  /// - Throws: `ModelFileError` if there is no home folder either, or the catalogue is damaged; `DataError` if there is none.
  public init(environment: [String: String]) throws {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard let cache = folder("RAGMETER_MODELS") ?? folder("HOME").map({ "\($0)/.cache/ragmeter/models" }) else {
      throw ModelFileError(
        path: "RAGMETER_MODELS", reason: "neither it nor HOME names a folder to keep models in; set RAGMETER_MODELS")
    }
    self.init(
      cache: cache, catalog: try ModelCatalog(path: ProjectFile.path("models/catalog.yml")), environment: environment)
  }

  public init(cache: String, catalog: ModelCatalog, environment: [String: String]) {
    self.cache = cache
    self.catalog = catalog
    self.environment = environment
  }

  /// The folder of a model, whole: fetched if need be, and checked where it changed since it was.
  ///
  /// - Parameter name: of the catalogue, of a folder in the cache, or the path of a folder or a `.gguf` file, which
  ///   holds a slash.
  /// - Throws: `ModelFileError` or `DataError` with what is missing and how to get it.
  public func folder(_ name: String, progress: ModelProgress? = nil) throws -> ModelFolder {
    if name.contains("/") || name == "." || name == ".." { return try ModelFolder(path: name) }
    guard let entry = catalog[name] else {
      if hasFolder(name) { return try ModelFolder(path: "\(cache)/\(name)") }
      throw ModelFileError(
        path: name,
        reason: "is no model of the catalogue and no folder of \(cache), and a path holds a slash (./\(name)); "
          + Spelling.hint(for: name, among: catalog.entries.map(\.name)))
    }
    return try fetch(entry, progress: progress)
  }

  /// Where a model of the catalogue lies once it is fetched.
  public func path(of entry: ModelEntry) -> String { "\(cache)/\(entry.name)" }

  /// Whether the cache has a folder of this name, of the catalogue or not.
  public func hasFolder(_ name: String) -> Bool { ModelCatalog.isName(name) && Folder.exists("\(cache)/\(name)") }

  /// Whether all files of a model are in the cache; their contents are not looked at.
  public func isHere(_ entry: ModelEntry) -> Bool {
    entry.files.allSatisfy { Folder.isReadable("\(path(of: entry))/\($0.name)") }
  }
}

/// How far a fetch has come.
public struct ModelFetchStatus: Sendable, Equatable {
  /// `MODEL/FILE`.
  public var file: String
  public var received: Int
  /// `nil` where the source does not say.
  public var total: Int?

  public init(file: String, received: Int, total: Int?) {
    self.file = file
    self.received = received
    self.total = total
  }
}

/// Told now and then from within a fetch.
public typealias ModelProgress = (ModelFetchStatus) -> Void
