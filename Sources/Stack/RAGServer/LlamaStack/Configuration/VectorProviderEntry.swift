internal import Spelling
internal import VectorIndexes
internal import VectorStores
internal import YAML

extension StackConfiguration {
  /// What providers of `vector_io` there are. The embedded store takes the place of Milvus Lite: a path, and nothing to install.
  enum VectorProviderEntry {
    static let types = ["inline::milvus", "inline::ragmeter", "inline::sqlite-vec", "remote::milvus"]

    static func read(_ entry: ProviderEntry) throws(YAMLError) -> VectorProvider {
      var store: StoreSpecification
      var secrets: [String: String] = [:]
      let fields: YAMLFields
      switch entry.provider.type {
      case "remote::milvus":
        fields = try entry.fields(["uri", "token", "database", "consistency_level", "kvstore", "index", "admin"])
        let uri = try fields.text("uri")
        guard uri.hasPrefix("http://") || uri.hasPrefix("https://") else {
          throw YAMLError(try fields.required("uri").place, "uri must begin with http:// or https://, not '\(uri)'")
        }
        store = StoreSpecification(kind: "milvus", parameters: ["url": uri])
        store.parameters["database"] = fields.optional("database")?.string
        store.parameters["consistency"] = fields.optional("consistency_level")?.string
        store.parameters["admin"] = fields.optional("admin")?.string
        if let token = fields.optional("token")?.string, !token.isEmpty { secrets["MILVUS_TOKEN"] = token }
      case "inline::sqlite-vec":
        fields = try entry.fields(["db_path", "kvstore", "index", "extension"])
        store = StoreSpecification(kind: "sqlite-vec", parameters: ["path": try path(fields)])
        store.parameters["extension"] = fields.optional("extension")?.string
      default:
        fields = try entry.fields(["db_path", "kvstore", "consistency_level", "index"])
        store = StoreSpecification(kind: "embedded", parameters: ["path": try path(fields)])
      }
      return VectorProvider(
        provider: entry.provider, store: store, secrets: secrets, index: try index(fields, of: store.kind),
        place: entry.place)
    }

    private static func path(_ fields: YAMLFields) throws(YAMLError) -> String {
      let path = try fields.text("db_path")
      guard !path.isEmpty else { throw YAMLError(try fields.required("db_path").place, "db_path is empty") }
      return path
    }

    /// Exact, unless the file names another.
    private static func index(_ fields: YAMLFields, of store: String) throws(YAMLError) -> IndexSpecification {
      guard let node = fields.optional("index") else { return IndexSpecification(kind: "flat") }
      do {
        let text = try SpecificationText(node.string ?? "")
        let index = IndexSpecification(kind: text.kind, parameters: text.dictionary)
        // The index that a Milvus server chooses is none of ours.
        if store != "milvus" || index.kind != "auto" { _ = try IndexFactory.make(index, dimension: 2, metric: .l2) }
        return index
      } catch {
        throw YAMLError(node.place, "index \(node.kind): \(error)")
      }
    }
  }
}
