import Files
import Glibc
import YAML

/// The vectors and texts that are known by name.
public struct Catalog: Sendable, Equatable {
  /// Sets of vectors.
  public let entries: [CatalogEntry]
  /// Texts.
  public let corpora: [CorpusEntry]

  public func corpus(_ name: String) -> CorpusEntry? { corpora.first { $0.name == name } }

  public subscript(name: String) -> CatalogEntry? { entries.first { $0.name == name } }

  /// Reads a catalogue file.
  ///
  /// - Throws: `DataError.corrupt` with line and column of the first mistake.
  public init(path: String) throws {
    do {
      let root = try YAMLNode.load(path: path)
      let slash = path.lastIndex(of: "/")
      (entries, corpora) = try CatalogReader.read(root, folder: slash.map { String(path[..<$0]) } ?? ".")
    } catch let error as YAMLError {
      throw DataError.corrupt(
        path: error.place.file, at: "line \(error.place.line), column \(error.place.column)", reason: error.reason)
    }
  }

  /// The catalogue of the project that this executable, or else the current folder, lies in.
  ///
  /// - Throws: `DataError.unavailable` if neither has one above it, and as `init(path:)` does.
  public static func standard() throws -> Catalog {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(readlink("/proc/self/exe", &buffer, buffer.count), 0)
    let executable = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let current = getcwd(nil, 0)
    defer { free(current) }
    for start in [executable, current.map { String(cString: $0) + "/." } ?? ""] {
      var folder = start[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        let candidate = "\(folder)/datasets/catalog.yml"
        if Folder.isReadable(candidate) { return try Catalog(path: candidate) }
      }
    }
    throw DataError.unavailable(
      name: "datasets/catalog.yml",
      reason: "is in no folder above \(executable) or the current one; run within the project")
  }
}
