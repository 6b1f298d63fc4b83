import YAML

/// From YAML to entries; every key is known, and every mistake has its place.
enum CatalogReader {
  static func entries(_ root: YAMLNode) throws -> [CatalogEntry] {
    let fields = try Fields(root, known: ["schema", "datasets"])
    guard try fields.text("schema") == "ragmeter.catalog/1" else {
      throw YAMLError(root.place, "schema must be ragmeter.catalog/1")
    }
    var names: Set<String> = []
    return try fields.list("datasets").map { node in
      let entry = try entry(node)
      guard names.insert(entry.name).inserted else { throw YAMLError(node.place, "'\(entry.name)' stands here twice") }
      return entry
    }
  }

  private static func entry(_ node: YAMLNode) throws -> CatalogEntry {
    let fields = try Fields(
      node,
      known: [
        "name", "about", "licence", "source", "metric", "dimension", "base", "queries", "held_out", "drop_zero_rows",
        "files",
      ])
    let metricNode = try fields.required("metric")
    guard let metric = metricNode.string.flatMap(DatasetMetric.init(rawValue:)) else {
      throw YAMLError(metricNode.place, "metric must be l2, ip or cosine, not \(metricNode.kind)")
    }
    let files = fields.optional("files") == nil ? [] : try fields.list("files").map(file)
    let entry = CatalogEntry(
      name: try fields.text("name"), about: try fields.text("about"), licence: try fields.text("licence"),
      source: try fields.text("source"), metric: metric, dimension: try fields.count("dimension"),
      base: try fields.optional("base").map(part), queries: try fields.optional("queries").map(part),
      heldOut: fields.optional("held_out") == nil ? 0 : try fields.count("held_out"),
      dropsZeroRows: fields.optional("drop_zero_rows")?.bool ?? false, files: files)
    for part in [entry.base, entry.queries].compactMap(\.self) where !files.contains(where: { $0.name == part.file }) {
      throw YAMLError(node.place, "'\(entry.name)' has no file called '\(part.file)'")
    }
    guard entry.isSynthetic || (entry.queries == nil) == (entry.heldOut > 0) else {
      throw YAMLError(node.place, "'\(entry.name)' needs either queries or held_out")
    }
    return entry
  }

  private static func part(_ node: YAMLNode) throws -> CatalogPart {
    let fields = try Fields(node, known: ["file", "count", "format", "member", "table", "id_column"])
    let file = try fields.text("file")
    let member = fields.optional("member")?.string
    let format: VectorFormat
    if let named = fields.optional("format") {
      guard let known = named.string.flatMap(VectorFormat.init(rawValue:)) else {
        throw YAMLError(named.place, "\(named.kind) is no format that is read here")
      }
      format = known
    } else {
      guard let told = try? VectorFormat.detect(path: member ?? file) else {
        throw YAMLError(node.place, "'\(file)' does not tell its format; add 'format'")
      }
      format = told
    }
    return CatalogPart(
      file: file, count: try fields.count("count"), format: format, member: member,
      table: fields.optional("table")?.string,
      idColumn: fields.optional("id_column") == nil ? nil : try fields.count("id_column"))
  }

  private static func file(_ node: YAMLNode) throws -> CatalogFile {
    let fields = try Fields(
      node, known: ["name", "urls", "sha256", "bytes", "first_rows", "package", "package_path"])
    let sha256 = fields.optional("sha256")
    if let sha256 {
      guard let text = sha256.string, text.utf8.count == 64, text.allSatisfy({ "0123456789abcdef".contains($0) }) else {
        throw YAMLError(sha256.place, "a SHA-256 has 64 hexadecimal digits in lower case")
      }
    }
    let name = try fields.text("name")
    guard !name.contains("/"), name != "..", name != "." else {
      throw YAMLError(node.place, "a file's name in the cache holds no folder, as '\(name)' does")
    }
    return CatalogFile(
      name: name,
      urls: fields.optional("urls") == nil ? [] : try fields.list("urls").map(url),
      sha256: sha256?.string, bytes: fields.optional("bytes")?.int,
      firstRows: fields.optional("first_rows") == nil ? nil : try fields.count("first_rows"),
      package: fields.optional("package") == nil
        ? nil : CatalogPackage(name: try fields.text("package"), path: try fields.text("package_path")))
  }

  private static func url(_ node: YAMLNode) throws -> String {
    guard let text = node.string else { throw YAMLError(node.place, "a URL must be text, not \(node.kind)") }
    return text
  }

  /// A mapping whose keys are all known.
  private struct Fields {
    private let node: YAMLNode

    init(_ node: YAMLNode, known: [String]) throws {
      guard let entries = node.mapping else { throw YAMLError(node.place, "a mapping belongs here, not \(node.kind)") }
      for entry in entries where !known.contains(entry.key) {
        throw YAMLError(entry.keyPlace, "no key is called '\(entry.key)'; there are \(known.joined(separator: ", "))")
      }
      self.node = node
    }

    func optional(_ key: String) -> YAMLNode? { node[key] }

    func required(_ key: String) throws -> YAMLNode {
      guard let value = node[key] else { throw YAMLError(node.place, "'\(key)' is missing") }
      return value
    }

    func text(_ key: String) throws -> String {
      let value = try required(key)
      guard let text = value.string else { throw YAMLError(value.place, "\(key) must be text, not \(value.kind)") }
      return text
    }

    func count(_ key: String) throws -> Int {
      let value = try required(key)
      guard let count = value.int, count > 0 else {
        throw YAMLError(value.place, "\(key) must be a positive integer, not \(value.kind)")
      }
      return count
    }

    func list(_ key: String) throws -> [YAMLNode] {
      let value = try required(key)
      guard let list = value.sequence else { throw YAMLError(value.place, "\(key) must be a list, not \(value.kind)") }
      return list
    }
  }
}
