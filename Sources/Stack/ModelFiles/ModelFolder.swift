internal import Files

/// A folder with the files of one model, as it lies on disk.
public struct ModelFolder: Sendable, Equatable {
  public let path: String
  /// What specifications and reports call the model: its name in the catalogue, or the folder's last component.
  public let name: String
  /// Prefixes that the catalogue states for the model, by role ("query", "document"); its own files win over them.
  public let prompts: [String: String]

  /// - Throws: `ModelFileError` if there is no such folder.
  public init(path: String, name: String? = nil, prompts: [String: String] = [:]) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.prompts = prompts
    self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
    guard Folder.exists(path) else { throw ModelFileError(path: path, reason: "is no folder that can be read") }
  }

  /// Path of a file of the folder, there or not: `file("1_Pooling/config.json")`.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  public func has(_ name: String) -> Bool { Folder.isReadable(file(name)) }

  /// The one file of the folder itself whose name ends so; nil where there is none.
  ///
  /// - Throws: `ModelFileError` where there are several.
  public func weights(endingIn ending: String) throws -> String? {
    let names: [String]
    do { names = try Folder.names(path).filter { $0.hasSuffix(ending) } } catch let error as DataError {
      throw ModelFileError(error)
    }
    guard names.count <= 1 else {
      throw ModelFileError(
        path: path, reason: "holds several files of weights: \(names.joined(separator: ", ")); leave one of them")
    }
    return names.first.map(file)
  }
}
