import YAML

/// From YAML to entries; every key is known, and every mistake has its place.
enum CatalogReader {
  /// - Parameter folder: of the catalogue's own file, where corpora of the project lie.
  static func read(_ root: YAMLNode, folder: String) throws -> (
    entries: [CatalogEntry], corpora: [CorpusEntry], prompts: [PromptEntry]
  ) {
    let fields = try YAMLFields(root, known: ["schema", "datasets", "corpora", "prompts"])
    guard try fields.text("schema") == "ragmeter.catalog/1" else {
      throw YAMLError(root.place, "schema must be ragmeter.catalog/1")
    }
    var names: Set<String> = []
    func unique<Entry: CatalogItem>(_ entry: Entry, _ node: YAMLNode) throws -> Entry {
      guard names.insert(entry.name).inserted else { throw YAMLError(node.place, "'\(entry.name)' stands here twice") }
      return entry
    }
    let entries = try fields.list("datasets").map { try unique(entry($0), $0) }
    let corpora =
      fields.optional("corpora") == nil
      ? [] : try fields.list("corpora").map { try unique(corpus($0, folder: folder), $0) }
    let prompts =
      fields.optional("prompts") == nil ? [] : try fields.list("prompts").map { try unique(Self.prompts($0), $0) }
    for (entry, node) in zip(entries, try fields.list("datasets")) {
      if let corpus = entry.derived?.corpus, !corpora.contains(where: { $0.name == corpus }) {
        throw YAMLError(node.place, "'\(entry.name)' is made of '\(corpus)', which is none of the corpora")
      }
    }
    return (entries, corpora, prompts)
  }

  private static func entry(_ node: YAMLNode) throws -> CatalogEntry {
    let fields = try YAMLFields(
      node,
      known: [
        "name", "about", "licence", "source", "metric", "dimension", "base", "queries", "held_out", "drop_zero_rows",
        "files", "derived",
      ])
    let metricNode = try fields.required("metric")
    guard let metric = metricNode.string.flatMap(DatasetMetric.init(rawValue:)) else {
      throw YAMLError(metricNode.place, "metric must be l2, ip or cosine, not \(metricNode.kind)")
    }
    let dimension = try fields.count("dimension")
    let base = try fields.optional("base").map(part)
    let derived = try fields.optional("derived").map(derivation)
    if derived != nil, base?.format != .fbin || fields.optional("files") != nil || fields.optional("queries") != nil {
      throw YAMLError(
        node.place, "a derived set has an .fbin file as its base, held_out, and neither queries nor files")
    }
    let files =
      derived == nil ? try files(fields, dimension: dimension) : base.map { [CatalogFile(name: $0.file)] } ?? []
    let entry = CatalogEntry(
      name: try fields.text("name"), about: try fields.text("about"), licence: try fields.text("licence"),
      source: try fields.text("source"), metric: metric, dimension: dimension,
      base: base, queries: try fields.optional("queries").map(part),
      heldOut: fields.optional("held_out") == nil ? 0 : try fields.count("held_out"),
      dropsZeroRows: fields.optional("drop_zero_rows")?.bool ?? false, files: files, derived: derived)
    for part in [entry.base, entry.queries].compactMap(\.self) where !files.contains(where: { $0.name == part.file }) {
      throw YAMLError(node.place, "'\(entry.name)' has no file called '\(part.file)'")
    }
    guard entry.isSynthetic || (entry.queries == nil) == (entry.heldOut > 0) else {
      throw YAMLError(node.place, "'\(entry.name)' needs either queries or held_out")
    }
    return entry
  }

  private static func derivation(_ node: YAMLNode) throws -> CatalogDerivation {
    let fields = try YAMLFields(node, known: ["corpus", "chunker", "embedder"])
    return CatalogDerivation(
      corpus: try fields.text("corpus"), chunker: try fields.text("chunker"), embedder: try fields.text("embedder"))
  }

  private static func part(_ node: YAMLNode) throws -> CatalogPart {
    let fields = try YAMLFields(node, known: ["file", "count", "format", "member", "table", "id_column"])
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

  /// - Parameter dimension: of the vectors, where the files hold some.
  static func files(_ fields: YAMLFields, dimension: Int?) throws -> [CatalogFile] {
    fields.optional("files") == nil ? [] : try fields.list("files").map { try file($0, dimension: dimension) }
  }

  private static func file(_ node: YAMLNode, dimension: Int?) throws -> CatalogFile {
    let fields = try YAMLFields(
      node,
      known: ["name", "urls", "sha256", "bytes", "package", "package_path"] + (dimension == nil ? [] : ["first_rows"]))
    let sha256 = fields.optional("sha256")
    if let sha256 {
      guard let text = sha256.string, text.utf8.count == 64, text.allSatisfy({ "0123456789abcdef".contains($0) }) else {
        throw YAMLError(sha256.place, "a SHA-256 has 64 hexadecimal digits in lower case")
      }
    }
    let rows = fields.optional("first_rows") == nil ? nil : try fields.count("first_rows")
    let name = try fields.text("name")
    guard !name.contains("/"), name != "..", name != "." else {
      throw YAMLError(node.place, "a file's name in the cache holds no folder, as '\(name)' does")
    }
    return CatalogFile(
      name: name,
      urls: fields.optional("urls") == nil ? [] : try fields.list("urls").map(url),
      sha256: sha256?.string, bytes: fields.optional("bytes")?.int,
      slice: rows.flatMap { rows in dimension.map { VectorShape(rows: rows, dimension: $0) } },
      package: fields.optional("package") == nil
        ? nil : CatalogPackage(name: try fields.text("package"), path: try fields.text("package_path")))
  }

  private static func url(_ node: YAMLNode) throws -> String {
    guard let text = node.string else { throw YAMLError(node.place, "a URL must be text, not \(node.kind)") }
    return text
  }
}
