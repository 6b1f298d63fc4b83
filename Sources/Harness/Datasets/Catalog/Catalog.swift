import Files
import YAML

/// The vectors and texts that are known by name.
public struct Catalog: Sendable, Equatable {
  /// Sets of vectors.
  public let entries: [CatalogEntry]
  /// Texts.
  public let corpora: [CorpusEntry]
  /// What generators are asked.
  public let prompts: [PromptEntry]

  public func corpus(_ name: String) -> CorpusEntry? { corpora.first { $0.name == name } }

  public func prompts(_ name: String) -> PromptEntry? { prompts.first { $0.name == name } }

  public subscript(name: String) -> CatalogEntry? { entries.first { $0.name == name } }

  /// Reads a catalogue file.
  ///
  /// - Throws: `DataError.corrupt` with line and column of the first mistake.
  public init(path: String) throws {
    do {
      let root = try YAMLNode.load(path: path)
      let slash = path.lastIndex(of: "/")
      (entries, corpora, prompts) = try CatalogReader.read(root, folder: slash.map { String(path[..<$0]) } ?? ".")
    } catch let error as YAMLError {
      throw DataError.corrupt(
        path: error.place.file, at: "line \(error.place.line), column \(error.place.column)", reason: error.reason)
    }
  }

  /// The catalogue of the project that this executable, or else the current folder, lies in.
  ///
  /// - Throws: `DataError.unavailable` if neither has one above it, and as `init(path:)` does.
  public static func standard() throws -> Catalog { try Catalog(path: ProjectFile.path("datasets/catalog.yml")) }
}
