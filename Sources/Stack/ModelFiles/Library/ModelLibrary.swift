internal import Files

/// Finds the folders of models: by path, or by a name of the catalogue in the cache, fetched first if need be.
public struct ModelLibrary: Sendable {
  /// Fetched models lie in a folder each below it.
  public let cache: String

  /// `RAGMETER_MODELS`, or else `~/.cache/ragmeter/models`.
  ///
  /// - Throws: `ModelFileError` if there is no home folder either.
  public init(environment: [String: String]) throws {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard let cache = folder("RAGMETER_MODELS") ?? folder("HOME").map({ "\($0)/.cache/ragmeter/models" }) else {
      throw ModelFileError(
        path: "", reason: "neither RAGMETER_MODELS nor HOME names a folder to keep models in; set RAGMETER_MODELS")
    }
    self.cache = cache
  }

  /// The folder of a model: `name` is of the catalogue, or a path, which holds a slash.
  ///
  /// - Throws: `ModelFileError` or `DataError` with what is missing and how to get it.
  public func folder(_ name: String, progress: ModelProgress? = nil) throws -> ModelFolder {
    if name.contains("/") || name == "." { return try ModelFolder(path: name) }
    return try ModelFolder(path: "\(cache)/\(name)", name: name)
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
