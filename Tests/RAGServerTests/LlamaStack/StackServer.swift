import Embedders
import Foundation
import HTTP
import JSON
import RAGServer
import TestFixtures
import Tokenizers
import VectorStores

/// A live server with a store of its own, an embedder under Llama Stack's name, and a folder of pages beside it.
struct StackServer {
  static let embeddingModel = "all-MiniLM-L6-v2"

  let live: LiveServer
  let folder: TemporaryFolder
  let store: EmbeddedStore
  let pages: LoopbackServer

  init(
    _ folder: TemporaryFolder = TemporaryFolder(), isOpen: Bool = true, failingSteps: Bool = false,
    converses: Bool = true, pages: @escaping LoopbackServer.Handler = { _ in .init(status: 404, text: "no page") },
    stack change: (inout StackOptions) -> Void = { _ in },
    options: (inout ServerOptions) -> Void = { _ in }
  ) throws {
    self.folder = folder
    self.pages = try LoopbackServer(pages)
    store = try EmbeddedStore(path: "\(folder.path)/vectors.store")
    let embedder = try HashingEmbedder(dimension: 384)
    var stack = StackOptions()
    stack.embeddings = [
      StackOptions.EmbeddingModel(
        id: Self.embeddingModel, provider: .init(id: "sentence-transformers", type: "inline::sentence-transformers"),
        embedder: embedder, tokenizer: WordsTokenizer())
    ]
    stack.vectorProviders = [.init(provider: .init(id: "milvus", type: "inline::milvus"), store: store)]
    stack.fetching.allowsPrivateAddresses = true
    change(&stack)
    live = try LiveServer(
      isOpen: isOpen, embedder: embedder, stack: stack, failingSteps: failingSteps, converses: converses, options)
  }

  func ask(_ method: String, _ path: String, _ body: String? = nil, headers: [String] = []) throws -> RawClient.Answer {
    let client = try live.client()
    var lines = ["\(method) \(path) HTTP/1.1", "Host: x"] + headers
    if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
    client.send((lines + ["", ""]).joined(separator: "\r\n") + (body ?? ""))
    return client.answer()
  }

  func register(_ name: String = "docs") throws {
    let answer = try ask("POST", "/v1/vector-dbs", #"{"vector_db_id":"\#(name)","embedding_model":"all-MiniLM-L6-v2"}"#)
    guard answer.status == 200 else { throw Refused(answer: answer.text) }
  }

  /// Documents by their ids.
  func insert(_ texts: KeyValuePairs<String, String>, into name: String = "docs", chunk: Int = 64) throws {
    let documents = texts.map {
      JSONValue.fields(["document_id": .string($0.key), "content": .string($0.value), "metadata": .fields([:])])
    }
    let body = JSONValue.fields([
      "vector_db_id": .string(name), "chunk_size_in_tokens": .integer(chunk), "documents": .array(documents),
    ])
    let answer = try ask("POST", "/v1/tool-runtime/rag-tool/insert", String(decoding: body.json, as: UTF8.self))
    guard answer.status == 200, answer.text == "null" else { throw Refused(answer: answer.text) }
  }

  /// An agent with a session: the path of its turns.
  func session(_ databases: [String]? = ["docs"], maxTokens: Int = 6) throws -> String {
    let groups =
      databases.map {
        JSONValue.array([
          .fields(["name": .string("builtin::rag"), "args": .fields(["vector_db_ids": .texts($0)])])
        ])
      } ?? .array([])
    let agent = JSONValue.fields([
      "agent_config": .fields([
        "model": .string(live.server.servedModelName), "instructions": .string("Be {{brief}}."), "toolgroups": groups,
        "sampling_params": .fields([
          "strategy": .fields(["type": .string("greedy")]), "max_tokens": .integer(maxTokens),
        ]),
      ])
    ])
    let made = try ask("POST", "/v1/agents", String(decoding: agent.json, as: UTF8.self))
    guard let id = made.json["agent_id"]?.string else { throw Refused(answer: made.text) }
    let session = try ask("POST", "/v1/agents/\(id)/session", #"{"session_name":"s"}"#)
    guard let name = session.json["session_id"]?.string else { throw Refused(answer: session.text) }
    return "/v1/agents/\(id)/session/\(name)"
  }

  func end() async throws {
    await live.end()
    try store.close()
  }

  struct Refused: Error, CustomStringConvertible {
    var answer: String
    var description: String { answer }
  }
}

extension RawClient.Answer {
  /// What a refusal says in Llama Stack's form.
  var detail: String { json["detail"]?.string ?? "" }

  /// The payloads of a turn's events.
  var payloads: [JSONValue] { events.compactMap { try? JSONValue.parse($0)["event"]?["payload"] } }
}

/// A token for each word, with the blanks before it.
struct WordsTokenizer: Tokenizer {
  var vocabularySize: Int { 1 }

  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    var start = 0
    var isInWord = false
    for (place, byte) in text.utf8.enumerated() {
      let isBlank = byte == 0x20 || byte == 0x0A
      if isBlank, isInWord {
        encoding.ids.append(0)
        encoding.ranges.append(start..<place)
        start = place
      }
      isInWord = !isBlank
    }
    if isInWord {
      encoding.ids.append(0)
      encoding.ranges.append(start..<text.utf8.count)
    }
    return encoding
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String { "" }
}
