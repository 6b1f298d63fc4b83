import YAML

extension CatalogReader {
  static func corpus(_ node: YAMLNode, folder: String) throws -> CorpusEntry {
    let fields = try YAMLFields(
      node,
      known: [
        "name", "about", "licence", "source", "format", "glob", "documents", "questions", "mirror", "folder", "archive",
        "files",
      ])
    let name = try fields.text("name")
    let own = fields.optional("folder") == nil ? nil : try fields.text("folder")
    let entry = CorpusEntry(
      name: name, about: try fields.text("about"), licence: try fields.text("licence"),
      source: try fields.text("source"), format: try fields.text("format"),
      glob: fields.optional("glob") == nil ? nil : try fields.text("glob"), documents: try fields.count("documents"),
      questions: fields.optional("questions") == nil ? 0 : try fields.count("questions"),
      mirrorFolder: fields.optional("mirror") == nil ? name : try fields.text("mirror"),
      folder: own.map { "\(folder)/\($0)" }, archive: try fields.optional("archive").map(archive),
      files: try files(fields, dimension: nil))
    guard (entry.folder == nil) != entry.files.isEmpty else {
      throw YAMLError(node.place, "'\(name)' needs either a folder of the project or files")
    }
    if let archive = entry.archive, !entry.files.contains(where: { $0.name == archive.file }) {
      throw YAMLError(node.place, "'\(name)' has no file called '\(archive.file)'")
    }
    return entry
  }

  private static func archive(_ node: YAMLNode) throws -> CorpusArchive {
    let fields = try YAMLFields(node, known: ["file", "folder"])
    return CorpusArchive(file: try fields.text("file"), folder: try fields.text("folder"))
  }
}
