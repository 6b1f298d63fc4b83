import YAML

extension CatalogReader {
  static func prompts(_ node: YAMLNode) throws -> PromptEntry {
    let fields = try YAMLFields(
      node, known: ["name", "about", "licence", "source", "requests", "mirror", "files"])
    let name = try fields.text("name")
    let files = try files(fields, dimension: nil)
    guard files.count == 1 else { throw YAMLError(node.place, "'\(name)' needs one file, not \(files.count)") }
    guard [".jsonl", ".txt", ".csv"].contains(where: files[0].name.hasSuffix) else {
      throw YAMLError(node.place, "'\(name)' has prompts in a .jsonl or .txt file, or lengths in a .csv file")
    }
    return PromptEntry(
      name: name, about: try fields.text("about"), licence: try fields.text("licence"),
      source: try fields.text("source"), requests: try fields.count("requests"),
      mirrorFolder: fields.optional("mirror") == nil ? name : try fields.text("mirror"), file: files[0])
  }
}
