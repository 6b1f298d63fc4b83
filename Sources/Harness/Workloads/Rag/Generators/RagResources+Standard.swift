internal import Generation
internal import GenerationClient
internal import ModelFiles
internal import RAGPipeline
internal import VectorStores

extension RagResources {
  /// Models of the catalogue and of folders in this process, and servers.
  ///
  /// - Parameter environment: holds the keys of servers, and says where models are.
  static func standard(environment: [String: String]) -> RagResources {
    RagResources(
      generator: { choice in
        let models = try ModelLibrary(environment: environment)
        switch choice.source {
        case .model(let name, let options):
          return try InProcessGenerator(model: try LanguageModel.open(models.folder(name)), options: options)
        case .server(let server):
          return try ServerGenerator(server, models: models, environment: environment)
        case .agent(let kind, _, _):
          throw EngineError("\(kind) answers as a whole, and is no generator")
        }
      },
      agent: { choice, collection, options in
        guard case .agent("llama-stack", let url, let model) = choice.source else {
          throw EngineError("no agent of \(choice.name) is known here")
        }
        var agent = LlamaStackAgent.Options()
        agent.model = model
        agent.limit = options.limit
        agent.sampling = options.sampling
        return try LlamaStackAgent(
          server: LlamaStackServer(url: url, environment: environment), databases: [collection], options: agent,
          now: { RagRun.now() })
      })
  }
}
