internal import Dispatch
internal import Embedders
internal import Foundation
internal import Generation
internal import JSON
internal import MicroHTTP
internal import RAGPipeline
internal import Tokenizers

/// Answers Llama Stack's clients: the one door to what lies in this folder.
final class LlamaStackService: Sendable {
  /// The model that answers.
  struct LanguageModel: Sendable {
    let id: String
    let generator: any TextGenerator
    /// Nil where nobody here knows.
    let limits: PromptLimits?
    /// Measures chunks for embedders that have no tokenizer.
    let tokenizer: (any Tokenizer)?
    /// In Unix seconds.
    let created: Int
  }

  let model: LanguageModel
  let options: StackOptions
  let databases: VectorDatabases
  let agents: AgentRegistry
  let intake: DocumentIntake
  /// Turns have retrievers and options of their own before this one's model and threads. A model that cannot converse has none.
  let pipeline: Result<RAGPipeline, any Error>
  let registry: CallRegistry
  let metrics: ServerMetrics
  let clock: ServerClock
  let turnAway: @Sendable (Reply, ServerMetrics.Rejection) -> Void
  let executor = StackExecutor()
  /// Short work: what stands in memory.
  private let reading = DispatchQueue(label: "ragmeter.stack.reading")
  /// Fetching, embedding and storing take their time, one request after the other.
  private let inserting = DispatchQueue(label: "ragmeter.stack.inserting")
  /// Searches wait for no insert.
  private let searching = DispatchQueue(label: "ragmeter.stack.searching")

  /// - Throws: what the stores throw.
  init(
    model: LanguageModel, options: StackOptions, registry: CallRegistry, metrics: ServerMetrics, clock: ServerClock,
    turnAway: @escaping @Sendable (Reply, ServerMetrics.Rejection) -> Void
  ) throws {
    self.model = model
    self.options = options
    self.registry = registry
    self.metrics = metrics
    self.clock = clock
    self.turnAway = turnAway
    databases = try VectorDatabases(options)
    pipeline = Result {
      let nothing = KnowledgeSearch([], query: KnowledgeQuery()) { clock.nanoseconds }
      return try RAGPipeline(
        retriever: nothing, generator: model.generator, limits: model.limits
      ) { clock.nanoseconds }
    }
    agents = AgentRegistry(most: options.mostAgents)
    intake = DocumentIntake(limits: options.fetching, otherTokenizer: model.tokenizer)
  }

  /// Answers a request, or sees to it that somebody will. Called on the HTTP thread, which it does not hold up.
  func handle(_ request: ServedRequest, _ match: StackRoute.Match, _ reply: Reply) {
    switch match.route {
    case .health:
      let isDraining = registry.isDraining
      let body = JSONValue.fields(["status": .string(isDraining ? "Error" : "OK")]).json
      reply.send(status: isDraining ? 503 : 200, headers: ServerCore.jsonHeaders, body)
    case .version: reply.send(ServedModel.versionBody(ServerCore.version))
    case .registerDatabase, .insertChunks, .insertDocuments, .unregisterDatabase:
      queued(inserting, request, match, reply)
    case .queryChunks, .queryDocuments, .invokeTool, .embeddings: queued(searching, request, match, reply)
    case .createTurn, .completion, .chatCompletion:
      admitted(reply) { number in
        reading.async { [self] in begin(request, match, number, reply) }
      }
    default:
      reading.async { [self] in
        answering(reply) { () throws(APIError) in try answer(request, match) }
      }
    }
  }

  /// On a queue of work that takes its time.
  private func queued(_ queue: DispatchQueue, _ request: ServedRequest, _ match: StackRoute.Match, _ reply: Reply) {
    admitted(reply) { number in
      queue.async { [self] in
        reply.responder.onClose { [registry] _ in registry.closed(number: number) }
        defer { registry.isOver() }
        guard !reply.responder.isClosed else { return }
        answering(reply) { () throws(APIError) in
          do { return try work(request, match) } catch { throw .stack(error) }
        }
      }
    }
  }

  private func admitted(_ reply: Reply, _ body: (Int) -> Void) {
    switch registry.admit() {
    case .admitted(let number): body(number)
    case .refused(let reason): turnAway(reply, reason)
    }
  }

  private func answering(_ reply: Reply, _ body: () throws(APIError) -> JSONValue) {
    do throws(APIError) { reply.send(try body().json) } catch { reply.refuseDetail(error) }
  }

  /// A turn or a completion: what is wrong with the request is said before a stream begins.
  private func begin(_ request: ServedRequest, _ match: StackRoute.Match, _ number: Int, _ reply: Reply) {
    do throws(APIError) {
      let body = try body(request)
      switch match.route {
      case .createTurn: try beginTurn(body, match, number, reply)
      case .completion: try beginCompletion(body, number, reply)
      default: try beginChat(body, number, reply)
      }
    } catch {
      registry.isOver()
      registry.closed(number: number)
      reply.refuseDetail(error)
    }
  }

  func body(_ request: ServedRequest) throws(APIError) -> RequestBody {
    try APIError.checkContentType(request.headers["content-type"])
    return try request.body.reading { bytes throws(APIError) in try RequestBody(bytes) }
  }

  var models: ModelListing {
    var entries = [
      ModelListing.Entry(
        name: model.id, maximumLength: model.limits?.contextLength, provider: options.languageProvider.id,
        created: model.created)
    ]
    for embedding in options.embeddings {
      entries.append(
        ModelListing.Entry(
          name: embedding.id, maximumLength: embedding.embedder.maximumTokens, dimension: embedding.embedder.dimension,
          provider: embedding.provider.id, created: model.created))
    }
    return ModelListing(entries)
  }

  func newID() -> String { UUID().uuidString.lowercased() }
}
