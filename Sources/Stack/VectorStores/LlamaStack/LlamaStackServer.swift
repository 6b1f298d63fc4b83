package import HTTP
internal import Spelling

/// A server of Llama Stack's API, release 0.2: its models, its vector databases and what its tools do with them.
///
/// Calls block, and may come from any thread.
public final class LlamaStackServer: Sendable {
  public static let defaultURL = "http://127.0.0.1:8321"

  /// A model that the server knows.
  public struct Model: Sendable, Equatable {
    public enum Kind: String, Sendable { case llm, embedding }

    public var name: String
    public var kind: Kind
    /// Of the vectors that an embedding model makes.
    public var dimension: Int?
  }

  /// A collection of chunks, as the server calls it.
  public struct VectorDatabase: Sendable, Equatable {
    public var name: String
    /// What makes vectors of chunks and questions.
    public var embedder: String
    public var dimension: Int
    public var provider: String
  }

  package let remote: RemoteServer

  /// - Parameters:
  ///   - url: without a path; nil: the environment's `RAGMETER_LLAMA_STACK_URL`, or else `defaultURL`.
  ///   - environment: may hold `LLAMA_STACK_API_KEY`, which is sent as a bearer's token.
  /// - Throws: `VectorStoreError.invalidArgument` for an address that is none, or a key that would go unencrypted elsewhere.
  public init(url: String? = nil, environment: [String: String]) throws {
    var options = RemoteServer.Options(
      name: "llama-stack", start: "scripts/systems up llama-stack", keyVariable: "LLAMA_STACK_API_KEY")
    // Embedding a batch of chunks takes a small machine a while.
    options.patience = 600
    remote = try RemoteServer(
      RemoteAddress(parsing: url ?? environment["RAGMETER_LLAMA_STACK_URL"] ?? Self.defaultURL),
      key: RemoteKey(variable: "LLAMA_STACK_API_KEY", environment: environment), options: options)
  }

  // MARK: - Calls

  package func get(_ path: String) throws(VectorStoreError) -> FieldValue {
    try LlamaStackAnswer.value(remote.call("GET", path))
  }

  package func post(_ path: String, _ body: FieldValue) throws(VectorStoreError) -> FieldValue {
    try post(path, bytes: Array(body.json.utf8))
  }

  package func post(_ path: String, bytes: [UInt8]) throws(VectorStoreError) -> FieldValue {
    try LlamaStackAnswer.value(remote.call("POST", path, body: bytes))
  }

  package func delete(_ path: String) throws(VectorStoreError) {
    _ = try LlamaStackAnswer.value(remote.call("DELETE", path))
  }

  /// What a stream that began with another status than 200 says.
  package func refusal(_ response: HTTPResponse, path: String) -> VectorStoreError {
    do throws(VectorStoreError) {
      let answer = try remote.answer(response, to: "POST", path)
      _ = try LlamaStackAnswer.value(answer)
      return answer.failure("answered \(response.status) where a stream of events belongs: \(answer.excerpt)")
    } catch {
      return error
    }
  }

  // MARK: - What there is

  /// - Throws: `VectorStoreError.remote`.
  public func models() throws -> [Model] {
    try list("/v1/models").compactMap { entry in
      guard let name = entry["identifier"]?.string else { return nil }
      return Model(
        name: name, kind: entry["model_type"]?.string == Model.Kind.embedding.rawValue ? .embedding : .llm,
        dimension: entry["metadata"]?["embedding_dimension"]?.integer.map { Int($0) })
    }
  }

  /// - Throws: `VectorStoreError.remote`.
  public func vectorDatabases() throws -> [VectorDatabase] {
    try list("/v1/vector-dbs").compactMap(VectorDatabase.init)
  }

  /// The model of a name, or the only one of its kind where no name is given.
  ///
  /// - Throws: `VectorStoreError.invalidArgument` for a name that the server does not know, and where there is nothing to choose
  ///   or too much; `remote`.
  public func model(_ kind: Model.Kind, named name: String?) throws -> Model {
    let all = try models().filter { $0.kind == kind }
    let noun = kind == .embedding ? "embedding model" : "model"
    if let name {
      if let model = all.first(where: { $0.name == name }) { return model }
      let hint = all.isEmpty ? "it has none" : Spelling.hint(for: name, among: all.map(\.name))
      throw VectorStoreError.invalidArgument(
        "the Llama Stack server at \(remote.address) has no \(noun) '\(name)'; \(hint)")
    }
    guard all.count == 1 else {
      let names = all.map(\.name).joined(separator: ", ")
      throw VectorStoreError.invalidArgument(
        "the Llama Stack server at \(remote.address) has "
          + (all.isEmpty ? "no \(noun); add one to its configuration" : "several \(noun)s; name one of \(names)"))
    }
    return all[0]
  }

  /// What answers under a path: the entries of `data`.
  private func list(_ path: String) throws(VectorStoreError) -> [FieldValue] {
    let answer = try get(path)
    guard case .array(let entries) = answer["data"] else {
      throw .remote(
        name: remote.options.name,
        reason: "GET \(path) of \(remote.address) answered without a list 'data'; is it Llama Stack, release 0.2?")
    }
    return entries
  }
}

extension LlamaStackServer.VectorDatabase {
  init?(_ entry: FieldValue) {
    guard let name = entry["identifier"]?.string, let embedder = entry["embedding_model"]?.string,
      let dimension = entry["embedding_dimension"]?.integer.map({ Int($0) })
    else { return nil }
    self.init(name: name, embedder: embedder, dimension: dimension, provider: entry["provider_id"]?.string ?? "")
  }
}

extension FieldValue {
  /// The text of a content: a text, an item `{"type": "text", "text"}`, or a list of such.
  package var content: String {
    switch self {
    case .string(let text): text
    case .object(let members): members["text"]?.string ?? ""
    case .array(let items): items.map(\.content).joined(separator: "\n")
    default: ""
    }
  }
}
