internal import Files

/// A folder with the files of one model, as it lies on disk.
public struct ModelFolder: Sendable, Equatable {
  public let path: String
  /// What specifications and reports call the model: its name in the catalogue, or the folder's last component.
  public let name: String
  /// Prefixes that the catalogue states for the model, by role ("query", "document"); its own files win over them.
  public let prompts: [String: String]
  /// The file that the path named, where it was a `.gguf` file of the folder, one of several perhaps.
  private let chosen: String?

  /// - Parameter path: of the folder, or of a `.gguf` file in it.
  /// - Throws: `ModelFileError` if there is neither.
  public init(path: String, name: String? = nil, prompts: [String: String] = [:]) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let last = parts.removeLast()
    let isFile = last.hasSuffix(".gguf") && Folder.isReadable(path) && !Folder.exists(path)
    chosen = isFile ? path : nil
    self.path = !isFile ? path : parts == [""] ? "/" : parts.isEmpty ? "." : parts.joined(separator: "/")
    self.prompts = prompts
    self.name = name ?? (isFile ? String(last.dropLast(".gguf".count)) : last.isEmpty ? path : last)
    guard isFile || Folder.exists(path) else {
      throw ModelFileError(path: path, reason: "is no folder that can be read, and no .gguf file")
    }
  }

  /// Path of a file of the folder, there or not: `file("1_Pooling/config.json")`.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  public func has(_ name: String) -> Bool { Folder.isReadable(file(name)) }

  /// The one file of the folder itself whose name ends so; nil where there is none.
  ///
  /// - Throws: `ModelFileError` where there are several.
  public func weights(endingIn ending: String) throws -> String? {
    if let chosen, chosen.hasSuffix(ending) { return chosen }
    let names: [String]
    do { names = try Folder.names(path).filter { $0.hasSuffix(ending) } } catch let error as DataError {
      throw ModelFileError(error)
    }
    guard names.count <= 1 else {
      throw ModelFileError(
        path: path, reason: "holds several files of weights: \(names.joined(separator: ", ")); name one by its path")
    }
    return names.first.map(file)
  }
}
