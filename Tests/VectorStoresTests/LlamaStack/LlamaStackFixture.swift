import Foundation
import Synchronization
import TestFixtures
import VectorIndexes
import VectorStores

/// A server that answers as Llama Stack 0.2.11 did, with inline::milvus, as far as a store needs it.
final class LlamaStackFixture: Sendable {
  struct State {
    var databases: [String: (embedder: String, dimension: Int)] = [:]
    var chunks: [String: [FieldValue]] = [:]
    var models = [
      #"{"identifier":"minilm","provider_id":"vllm","metadata":{"embedding_dimension":3},"model_type":"embedding"}"#,
      #"{"identifier":"smollm2","provider_id":"vllm","metadata":{},"model_type":"llm"}"#,
    ]
    var provider = "inline::milvus"
    /// What the next registration answers instead of what it was asked.
    var dimension: Int?
  }

  let server: FaultServer
  private let box: StateBox

  init(_ adjust: (inout State) -> Void = { _ in }) throws {
    var state = State()
    adjust(&state)
    let box = StateBox(state)
    server = try FaultServer { request, _ in
      let (status, body) = box.state.withLock { Self.answer(request, &$0) }
      return [.answer(status: status, body)]
    }
    self.box = box
  }

  private final class StateBox: Sendable {
    let state: Mutex<State>
    init(_ state: State) { self.state = Mutex(state) }
  }

  func change(_ adjust: (inout State) -> Void) { box.state.withLock { adjust(&$0) } }

  var databases: [String] { box.state.withLock { $0.databases.keys.sorted() } }

  func store(_ parameters: [String: String] = [:], environment: [String: String] = [:]) throws -> LlamaStackStore {
    let specification = StoreSpecification(
      kind: "llama-stack", parameters: parameters.merging(["url": server.url]) { $1 })
    guard let store = try StoreFactory.open(specification, environment: environment) as? LlamaStackStore else {
      throw VectorStoreError.invalidArgument("the factory made another store")
    }
    return store
  }

  /// Bodies that were sent to a path.
  func bodies(_ path: String) throws -> [FieldValue] {
    try server.requests.filter { $0.path == path && !$0.body.isEmpty }.map {
      try FieldValue(json: String(decoding: $0.body, as: UTF8.self))
    }
  }

  private static func describe(_ name: String, _ database: (embedder: String, dimension: Int)) -> String {
    #"{"identifier":"\#(name)","provider_resource_id":"\#(name)","provider_id":"milvus","type":"vector_db","embedding_model":"\#(database.embedder)","embedding_dimension":\#(database.dimension)}"#
  }

  private static func answer(_ request: LoopbackServer.Request, _ state: inout State) -> (Int, String) {
    let body = (try? FieldValue(json: String(decoding: request.body, as: UTF8.self))) ?? .null
    let name = body["vector_db_id"]?.string ?? ""
    switch "\(request.method) \(request.path)" {
    case "GET /v1/vector-dbs":
      let all = state.databases.sorted { $0.key < $1.key }.map { describe($0.key, $0.value) }
      return (200, #"{"data":[\#(all.joined(separator: ","))]}"#)
    case "GET /v1/models": return (200, #"{"data":[\#(state.models.joined(separator: ","))]}"#)
    case "GET /v1/providers":
      return (
        200,
        #"{"data":[{"api":"vector_io","provider_id":"milvus","provider_type":"\#(state.provider)","config":{}}]}"#
      )
    case "POST /v1/vector-dbs":
      let dimension = state.dimension ?? Int(body["embedding_dimension"]?.integer ?? 0)
      state.databases[name] = (body["embedding_model"]?.string ?? "", dimension)
      return (200, describe(name, state.databases[name]!))
    case "POST /v1/vector-io/insert", "POST /v1/vector-io/query":
      guard state.databases[name] != nil else {
        return (
          400,
          #"{"detail":"Invalid value: Vector_db `\#(name)` not served by provider: `milvus`. Make sure there is an VectorIO provider serving this vector_db."}"#
        )
      }
      if request.path.hasSuffix("insert") {
        state.chunks[name, default: []] += body["chunks"]?.array ?? []
        return (200, "null")
      }
      guard let chunks = state.chunks[name] else {
        return (500, #"{"detail":"Internal server error: An unexpected error occurred."}"#)
      }
      let found = chunks.prefix(Int(body["params"]?["max_chunks"]?.integer ?? 3))
      let scores = found.indices.map { FieldValue.number(0.75 - Double($0) / 4) }
      return (200, FieldValue.object(["chunks": .array(Array(found)), "scores": .array(scores)]).json)
    default:
      guard request.method == "DELETE", request.path.hasPrefix("/v1/vector-dbs/") else {
        return (404, #"{"detail":"Not Found"}"#)
      }
      let name = String(request.path.dropFirst("/v1/vector-dbs/".count))
      guard state.databases.removeValue(forKey: name) != nil else {
        return (400, #"{"detail":"Invalid value: Vector DB '\#(name)' not found"}"#)
      }
      state.chunks[name] = nil
      return (200, "null")
    }
  }
}

extension CollectionSchema {
  static func chunks(
    _ name: String = "faq", dimension: Int = 3, metric: StoreMetric = .cosine, index: String = "auto"
  ) -> CollectionSchema {
    var schema = CollectionSchema(name: name, dimension: dimension, metric: metric, keyType: .string)
    schema.index.kind = index
    return schema
  }
}
