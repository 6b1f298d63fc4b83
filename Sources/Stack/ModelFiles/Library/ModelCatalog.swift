internal import Files
internal import YAML

/// The models that are known by name.
public struct ModelCatalog: Sendable, Equatable {
  public let entries: [ModelEntry]

  public subscript(name: String) -> ModelEntry? { entries.first { $0.name == name } }

  /// Reads a catalogue file; see `models/catalog.yml`.
  ///
  /// - Throws: `ModelFileError` with line and column of the first mistake.
  public init(path: String) throws {
    do {
      entries = try Self.entries(YAMLNode.load(path: path))
    } catch {
      throw ModelFileError(
        path: error.place.file, place: "line \(error.place.line), column \(error.place.column)", reason: error.reason)
    }
  }

  private static func entries(_ root: YAMLNode) throws(YAMLError) -> [ModelEntry] {
    let fields = try YAMLFields(root, known: ["schema", "models"])
    guard try fields.text("schema") == "ragmeter.models/1" else {
      throw YAMLError(root.place, "schema must be ragmeter.models/1")
    }
    var entries: [ModelEntry] = []
    for node in try fields.list("models") {
      let entry = try entry(node)
      guard !entries.contains(where: { $0.name == entry.name }) else {
        throw YAMLError(node.place, "'\(entry.name)' stands here twice")
      }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(_ node: YAMLNode) throws(YAMLError) -> ModelEntry {
    let fields = try YAMLFields(
      node,
      known: [
        "name", "about", "kind", "licence", "source", "package", "package_folder", "repository", "revision", "prompts",
        "files",
      ])
    let kind = try fields.required("kind")
    guard let known = kind.string.flatMap(ModelEntry.Kind.init(rawValue:)) else {
      throw YAMLError(kind.place, "kind must be embedder or generator, not \(kind.kind)")
    }
    let name = try fields.required("name")
    guard let text = name.string, isName(text) else {
      throw YAMLError(name.place, "a name holds letters, digits, '.', '-' and '_', not \(name.kind)")
    }
    var entry = ModelEntry(
      name: text, about: try fields.text("about"), kind: known, licence: try fields.text("licence"),
      source: try fields.text("source"), files: [])
    if fields.optional("package") != nil {
      entry.package = ModelPackage(
        requirement: try fields.text("package"), folder: try fields.text("package_folder"))
    }
    if fields.optional("repository") != nil {
      entry.repository = ModelRepository(id: try fields.text("repository"), revision: try fields.text("revision"))
    }
    guard entry.package != nil || entry.repository != nil else {
      throw YAMLError(node.place, "'\(entry.name)' needs a package or a repository")
    }
    if let prompts = fields.optional("prompts") {
      for prompt in try YAMLFields(prompts, known: ["query", "document"]).entries {
        guard let text = prompt.value.string else {
          throw YAMLError(prompt.value.place, "a prompt must be text, not \(prompt.value.kind)")
        }
        entry.prompts[prompt.key] = text
      }
    }
    for node in try fields.list("files") { entry.files.append(try file(node)) }
    return entry
  }

  private static func file(_ node: YAMLNode) throws(YAMLError) -> ModelFile {
    let fields = try YAMLFields(node, known: ["name", "sha256", "bytes"])
    let name = try fields.text("name")
    guard isFileName(name) else {
      throw YAMLError(node.place, "a file's name stays within the model's folder, as '\(name)' does not")
    }
    let sha256 = fields.optional("sha256")
    if let sha256 {
      guard let text = sha256.string, text.utf8.count == 64, text.allSatisfy({ "0123456789abcdef".contains($0) }) else {
        throw YAMLError(sha256.place, "a SHA-256 has 64 hexadecimal digits in lower case")
      }
    }
    return ModelFile(
      name: name, sha256: sha256?.string, bytes: fields.optional("bytes") == nil ? nil : try fields.count("bytes"))
  }

  /// Whether a file's name stays within its model's folder.
  public static func isFileName(_ name: String) -> Bool {
    name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isName(String($0)) }
  }

  /// Whether a word can be a model's name: one component of a path, and no hidden file.
  public static func isName(_ word: String) -> Bool {
    !word.isEmpty && !word.hasPrefix(".")
      && word.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "._-".unicodeScalars.contains($0))
      }
  }
}
