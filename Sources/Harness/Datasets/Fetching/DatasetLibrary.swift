import Files

/// Finds the files of catalogue entries: in the mirror, in a Debian package, in the cache, and else by fetching them.
///
/// Every file is checked against the catalogue's SHA-256, or against the one that its first use recorded in the lock file.
public struct DatasetLibrary: Sendable {
  /// Fetched files lie in a folder for each dataset below it.
  public let cache: String
  /// A folder laid out as the cache is: `NAME/FILE`.
  public let mirror: String?
  /// Makes the sets that are derived from texts; nil where nothing can.
  public var derivation: (any VectorDerivation)?

  public init(cache: String, mirror: String? = nil) {
    self.cache = cache
    self.mirror = mirror
  }

  /// `RAGMETER_CACHE`, or else `~/.cache/ragmeter/datasets`; and `RAGMETER_MIRROR`.
  ///
  /// - Throws: `DataError.invalid` if there is no home folder either.
  public init(environment: [String: String]) throws {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard let cache = folder("RAGMETER_CACHE") ?? folder("HOME").map({ "\($0)/.cache/ragmeter/datasets" }) else {
      throw DataError.invalid(
        "neither RAGMETER_CACHE nor HOME names a folder to keep datasets in; set RAGMETER_CACHE")
    }
    self.init(cache: cache, mirror: folder("RAGMETER_MIRROR"))
  }

  /// Where a part of an entry can be read; fetched and unpacked if need be.
  ///
  /// - Throws: `DataError.unavailable` if no source has it or its checksum is wrong; see `fetch`.
  public func path(of part: CatalogPart, in entry: CatalogEntry, progress: FetchProgress? = nil) throws -> String {
    guard let file = entry.files.first(where: { $0.name == part.file }) else {
      throw DataError.invalid("'\(entry.name)' has no file called '\(part.file)'")
    }
    if let recipe = entry.derived { return try derived(recipe, file, of: entry, progress: progress) }
    guard let member = part.member else { return try path(of: file, in: entry, progress: progress) }
    return try unpacked(member, of: file, in: entry, progress: progress)
  }

  /// Brings or makes everything of an entry that is not here yet, and answers where base set and queries are.
  ///
  /// - Throws: as `path(of:in:progress:)` does.
  public func fetch(_ entry: CatalogEntry, progress: FetchProgress? = nil) throws -> [String] {
    var paths: [String] = []
    for part in [entry.base, entry.queries].compactMap(\.self) {
      let path = try path(of: part, in: entry, progress: progress)
      if !paths.contains(path) { paths.append(path) }
    }
    return paths
  }

  /// Where a file is now, unchecked; `nil` if it has to be fetched.
  public func origin(of file: CatalogFile, in entry: some CatalogItem) -> FileOrigin? {
    if let mirror {
      let path = "\(mirror)/\(entry.mirrorFolder)/\(file.name)"
      if Folder.isReadable(path) { return .mirror(path) }
    }
    if let path = file.package?.path, Folder.isReadable(path) { return .package(path) }
    let path = "\(cache)/\(entry.name)/\(file.name)"
    return Folder.isReadable(path) ? .cache(path) : nil
  }

  func path(of file: CatalogFile, in entry: some CatalogItem, progress: FetchProgress?) throws -> String {
    if let origin = origin(of: file, in: entry) {
      try verify(origin.path, file: file, in: entry)
      return origin.path
    }
    return try fetch(file, in: entry, progress: progress)
  }
}

/// Where a dataset's file was found.
public enum FileOrigin: Sendable, Equatable {
  case mirror(String)
  case package(String)
  case cache(String)

  public var path: String {
    switch self {
    case .mirror(let path), .package(let path), .cache(let path): path
    }
  }
}
