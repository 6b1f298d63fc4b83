internal import HTTP
internal import RAGPipeline
public import YAML

extension StackConfiguration {
  /// Reads a file. What this server has no use for (telemetry, say) is passed over, with a notice; what it does not know, or
  /// what would be wrong to pass over (a shield, say), is refused.
  ///
  /// - Parameter environment: what `${env.NAME}` stands for.
  /// - Throws: `YAMLError` with the file, line and column of every mistake.
  public init(path: String, environment: [String: String]) throws(YAMLError) {
    try self.init(try YAMLNode.load(path: path), environment: environment)
  }

  public init(_ node: YAMLNode, environment: [String: String]) throws(YAMLError) {
    let file = try YAMLFields(try EnvironmentText(environment: environment).filling(node), known: Self.keys)
    if let version = file.optional("version"), version.string != "2" {
      throw YAMLError(version.place, "version must be 2, not \(version.kind)")
    }
    var notices: [String] = []
    for node in file.optional("apis")?.sequence ?? [] where !Self.apis.contains(node.string ?? "") {
      throw YAMLError(node.place, "no API is called \(node.kind); there are \(Self.apis.joined(separator: ", "))")
    }
    for entry in file.entries where Self.unused.contains(entry.key) {
      guard entry.value.sequence?.isEmpty != true else { continue }
      notices.append("\(entry.keyPlace): '\(entry.key)' is passed over: nothing here uses it")
    }
    for key in ["shields"] {
      if let node = file.optional(key), node.sequence?.isEmpty == false {
        throw YAMLError(node.place, "this server has no \(key); remove them")
      }
    }
    let providers = try YAMLFields(try file.required("providers"), known: Self.apis)
    for entry in providers.entries where !Self.served.contains(entry.key) {
      guard entry.value.sequence?.isEmpty != true else { continue }
      guard entry.key != "safety" else {
        throw YAMLError(entry.keyPlace, "this server checks nothing for safety; remove its providers")
      }
      notices.append("\(entry.keyPlace): providers of '\(entry.key)' are passed over: nothing here uses them")
    }
    let inference = try Self.entries(providers, "inference", InferenceProvider.types)
    let models = try ModelEntries(file, inference)
    language = models.language
    embeddings = models.embeddings
    maxTokens = models.maxTokens
    let stores = try Self.entries(providers, "vector_io", VectorProviderEntry.types)
    vectorProviders = []
    for entry in stores { vectorProviders.append(try VectorProviderEntry.read(entry)) }
    databases = try Self.databases(file, vectorProviders, embeddings)
    (agents, search) = try Self.agents(providers)
    (tools, fetching) = try Self.tools(providers)
    try Self.checkToolGroups(file, tools)
    (host, port) = try Self.server(file)
    self.notices = notices
  }

  private static let keys = [
    "version", "image_name", "container_image", "apis", "providers", "metadata_store", "inference_store", "models",
    "shields", "vector_dbs", "datasets", "scoring_fns", "benchmarks", "tool_groups", "server", "logging",
    "external_providers_dir",
  ]
  private static let unused = [
    "datasets", "scoring_fns", "benchmarks", "logging", "external_providers_dir", "metadata_store", "inference_store",
  ]
  private static let apis = [
    "agents", "batch_inference", "datasetio", "eval", "files", "inference", "post_training", "safety", "scoring",
    "telemetry", "tool_runtime", "vector_io",
  ]
  private static let served = ["agents", "inference", "tool_runtime", "vector_io"]

  /// One provider as the file has it.
  struct ProviderEntry {
    var provider: Provider
    var config: YAMLNode?
    var place: YAMLPlace

    /// Its settings, of which only some are known.
    func fields(_ known: [String]) throws(YAMLError) -> YAMLFields {
      try YAMLFields(config ?? YAMLNode(.mapping([]), at: place), known: known)
    }
  }

  /// - Throws: `YAMLError` for a type that is not among `types`, and an id that comes twice.
  static func entries(_ providers: YAMLFields, _ api: String, _ types: [String]) throws(YAMLError) -> [ProviderEntry] {
    guard let list = providers.optional(api) else { return [] }
    guard let nodes = list.sequence else { throw YAMLError(list.place, "\(api) must be a list, not \(list.kind)") }
    var entries: [ProviderEntry] = []
    for node in nodes {
      let fields = try YAMLFields(node, known: ["provider_id", "provider_type", "config"])
      let provider = Provider(id: try fields.text("provider_id"), type: try fields.text("provider_type"))
      guard types.contains(provider.type) else {
        throw YAMLError(
          try fields.required("provider_type").place,
          "no provider of \(api) here is a '\(provider.type)'; there are \(types.joined(separator: ", "))")
      }
      guard !entries.contains(where: { $0.provider.id == provider.id }) else {
        throw YAMLError(node.place, "a provider of \(api) is called '\(provider.id)' already")
      }
      let config = fields.optional("config").flatMap { $0.isNull ? nil : $0 }
      entries.append(ProviderEntry(provider: provider, config: config, place: node.place))
    }
    return entries
  }

  private static func agents(_ providers: YAMLFields) throws(YAMLError) -> (Provider, AgentSearch) {
    let standard = Provider(id: "meta-reference", type: "inline::meta-reference")
    guard let entry = try entries(providers, "agents", [standard.type]).first else { return (standard, .pipeline) }
    let fields = try entry.fields(["persistence_store", "responses_store", "search"])
    guard let node = fields.optional("search") else { return (entry.provider, .pipeline) }
    guard let search = AgentSearch(rawValue: node.string ?? "") else {
      let known = AgentSearch.allCases.map(\.rawValue).joined(separator: " or ")
      throw YAMLError(node.place, "search must be \(known), not \(node.kind)")
    }
    return (entry.provider, search)
  }

  private static func tools(_ providers: YAMLFields) throws(YAMLError) -> (Provider, FetchLimits) {
    let standard = Provider(id: "rag-runtime", type: "inline::rag-runtime")
    var limits = FetchLimits()
    guard let entry = try entries(providers, "tool_runtime", [standard.type]).first else { return (standard, limits) }
    let fields = try entry.fields(["allow_private_addresses", "max_document_bytes", "fetch_seconds"])
    if let node = fields.optional("allow_private_addresses") {
      guard let flag = node.bool else { throw YAMLError(node.place, "must be true or false, not \(node.kind)") }
      limits.allowsPrivateAddresses = flag
    }
    if fields.optional("max_document_bytes") != nil { limits.bytes = try fields.count("max_document_bytes") }
    if fields.optional("fetch_seconds") != nil { limits.seconds = try fields.count("fetch_seconds") }
    return (entry.provider, limits)
  }

  private static func checkToolGroups(_ file: YAMLFields, _ tools: Provider) throws(YAMLError) {
    guard let list = file.optional("tool_groups") else { return }
    for node in list.sequence ?? [] {
      let fields = try YAMLFields(node, known: ["toolgroup_id", "provider_id", "args", "mcp_endpoint"])
      guard try fields.text("toolgroup_id") == BuiltinTools.group else {
        throw YAMLError(node.place, "the only tool group here is '\(BuiltinTools.group)'")
      }
      guard try fields.text("provider_id") == tools.id else {
        throw YAMLError(try fields.required("provider_id").place, "the provider of tools is '\(tools.id)'")
      }
    }
  }

  private static func databases(
    _ file: YAMLFields, _ stores: [VectorProvider], _ embeddings: [EmbeddingModel]
  ) throws(YAMLError) -> [RegisteredDatabase] {
    var databases: [RegisteredDatabase] = []
    for node in file.optional("vector_dbs")?.sequence ?? [] {
      let fields = try YAMLFields(
        node, known: ["vector_db_id", "embedding_model", "embedding_dimension", "provider_id", "provider_vector_db_id"])
      let database = RegisteredDatabase(
        id: try fields.text("vector_db_id"), embeddingModel: try fields.text("embedding_model"),
        provider: try fields.text("provider_id"), place: node.place)
      guard stores.contains(where: { $0.provider.id == database.provider }) else {
        throw YAMLError(node.place, "no provider of vector_io is called '\(database.provider)'")
      }
      guard embeddings.contains(where: { $0.id == database.embeddingModel }) else {
        throw YAMLError(node.place, "no model of the type embedding is called '\(database.embeddingModel)'")
      }
      databases.append(database)
    }
    return databases
  }

  private static func server(_ file: YAMLFields) throws(YAMLError) -> (host: String?, port: Int?) {
    guard let node = file.optional("server") else { return (nil, nil) }
    let fields = try YAMLFields(node, known: ["host", "port"])
    let host = fields.optional("host") == nil ? nil : try fields.text("host")
    guard let port = fields.optional("port") else { return (host, nil) }
    guard let number = port.int, 0...65_535 ~= number else {
      throw YAMLError(port.place, "port must be an integer from 0 to 65535, not \(port.kind)")
    }
    return (host, number)
  }
}
