internal import GenerationClient
internal import YAML

extension StackConfiguration {
  /// What providers of `inference` there are, and what each says of its model.
  enum InferenceProvider {
    /// In this process: `provider_model_id` is a name of the catalogue, or a path.
    static let local = "inline::ragmeter"
    /// The same for embeddings alone.
    static let sentenceTransformers = "inline::sentence-transformers"
    /// Servers with OpenAI's interface, by the presets of `ServerProfile`.
    static let remote = ["remote::vllm": "vllm", "remote::tgi": "tgi", "remote::together": "together"]
    static let types = [local, sentenceTransformers] + remote.keys.sorted()

    /// The server behind a remote provider.
    static func remote(_ entry: ProviderEntry, preset: String, model: String) throws(YAMLError) -> (RemoteModel, Int?) {
      let fields = try entry.fields(["url", "max_tokens", "api_token", "api_key", "tls_verify"])
      let url = try fields.text("url")
      guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
        throw YAMLError(try fields.required("url").place, "url must begin with http:// or https://, not '\(url)'")
      }
      if let node = fields.optional("tls_verify"), node.bool == false, url.hasPrefix("https://") {
        throw YAMLError(node.place, "certificates are always verified here; remove tls_verify, or use http://")
      }
      var key: (variable: String, value: String)?
      for name in ["api_token", "api_key"] {
        guard let value = fields.optional(name)?.string, !value.isEmpty else { continue }
        guard (try? ServerProfile(url: url))?.keepsSecrets == true else {
          throw YAMLError(
            entry.place, "a key goes to another machine over https:// alone; change the url of the provider")
        }
        key = ("\(name) of \(entry.place)", value)
      }
      let maxTokens = fields.optional("max_tokens") == nil ? nil : try fields.count("max_tokens")
      return (RemoteModel(name: model, url: url, preset: preset, key: key), maxTokens)
    }
  }

  /// The file's `models`.
  struct ModelEntries {
    let language: LanguageModel
    let embeddings: [EmbeddingModel]
    let maxTokens: Int?

    init(_ file: YAMLFields, _ providers: [ProviderEntry]) throws(YAMLError) {
      var language: LanguageModel?
      var embeddings: [EmbeddingModel] = []
      var maxTokens: Int?
      for node in try file.list("models") {
        let fields = try YAMLFields(
          node, known: ["model_id", "provider_id", "provider_model_id", "model_type", "metadata"])
        let id = try fields.text("model_id")
        let providerID = try fields.text("provider_id")
        guard let entry = providers.first(where: { $0.provider.id == providerID }) else {
          throw YAMLError(
            try fields.required("provider_id").place, "no provider of inference is called '\(providerID)'")
        }
        let name = fields.optional("provider_model_id")?.string ?? id
        let type = fields.optional("model_type")?.string ?? "llm"
        switch (type, InferenceProvider.remote[entry.provider.type]) {
        case ("llm", let preset?):
          try Self.checkFirst(language, node)
          let remote = try InferenceProvider.remote(entry, preset: preset, model: name)
          maxTokens = remote.1
          language = LanguageModel(id: id, provider: entry.provider, source: .remote(remote.0))
        case ("llm", nil) where entry.provider.type == InferenceProvider.local:
          try Self.checkFirst(language, node)
          let config = try entry.fields(["max_tokens"])
          maxTokens = config.optional("max_tokens") == nil ? nil : try config.count("max_tokens")
          language = LanguageModel(id: id, provider: entry.provider, source: .local(name: name))
        case ("embedding", nil):
          _ = try entry.fields(["max_tokens"])
          embeddings.append(EmbeddingModel(id: id, provider: entry.provider, embedder: name, place: node.place))
        case ("llm", nil), ("embedding", _):
          throw YAMLError(
            node.place, "a provider of the type '\(entry.provider.type)' has no models of the type \(type)")
        default:
          throw YAMLError(
            try fields.required("model_type").place, "model_type must be llm or embedding, not '\(type)'")
        }
      }
      guard let language else {
        throw YAMLError(try file.required("models").place, "there is no model of the type llm")
      }
      self.language = language
      self.embeddings = embeddings
      self.maxTokens = maxTokens
    }

    private static func checkFirst(_ language: LanguageModel?, _ node: YAMLNode) throws(YAMLError) {
      guard let language else { return }
      throw YAMLError(
        node.place, "one server has one model of the type llm, and '\(language.id ?? "")' is that already")
    }
  }
}
