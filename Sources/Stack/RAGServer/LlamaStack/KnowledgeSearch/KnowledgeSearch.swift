internal import Embedders
internal import JSON
internal import RAGPipeline
internal import Synchronization
internal import Tokenizers
internal import VectorStores

/// The `knowledge_search` of some databases: the nearest chunks of all of them. As the retriever of a turn it remembers what it
/// found, for the events that tell of it.
final class KnowledgeSearch: Retriever {
  let query: KnowledgeQuery
  private let databases: [VectorDatabase]
  private let now: @Sendable () -> UInt64
  private let last = Mutex<[KnowledgeChunk]>([])

  init(_ databases: [VectorDatabase], query: KnowledgeQuery, now: @escaping @Sendable () -> UInt64) {
    self.databases = databases
    self.query = query
    self.now = now
  }

  /// What the last `retrieve` found, the best first.
  var found: [KnowledgeChunk] { last.withLock { $0 } }

  func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    let (hits, spans) = try hits(question, limit: limit)
    last.withLock { $0 = hits.map(\.chunk) }
    return Retrieval(passages: hits.map(\.passage), spans: spans)
  }

  /// - Returns: the best first, at most `query.maxChunks`.
  func chunks(_ question: String) throws -> [KnowledgeChunk] {
    try hits(question, limit: query.maxChunks).0.map(\.chunk)
  }

  private struct Hit {
    var chunk: KnowledgeChunk
    var passage: Passage
  }

  private func hits(_ question: String, limit: Int) throws -> ([Hit], [StageSpan]) {
    let start = now()
    var vectors: [String: [Float]] = [:]
    for model in databases.map(\.model) where vectors[model.id] == nil {
      vectors[model.id] = try model.embedder.embed([question], as: .query).values
    }
    let embedded = now()
    var hits: [Hit] = []
    for database in databases {
      let request = SearchRequest(
        vectors: vectors[database.model.id] ?? [], limit: limit,
        outputFields: .named(["document", "text", "source", "title", "metadata"]))
      for hit in try database.store.search(request, in: database.collection.name).first ?? [] {
        hits.append(Self.read(hit, database))
      }
    }
    // Equal ones stay in the order of the databases.
    let order = hits.indices.sorted {
      (-hits[$0].chunk.score, $0) < (-hits[$1].chunk.score, $1)
    }
    let spans = [StageSpan(.embed, start: start, end: embedded), StageSpan(.search, start: embedded, end: now())]
    return (order.prefix(limit).map { hits[$0] }, spans)
  }

  private static func read(_ hit: SearchHit, _ database: VectorDatabase) -> Hit {
    func text(_ name: String) -> String? {
      guard case .string(let text) = hit.fields[name] else { return nil }
      return text
    }
    let content = text("text") ?? ""
    let document = text("document") ?? ""
    var metadata = hit.fields["metadata"].flatMap { JSONValue($0).object } ?? []
    if !metadata.contains(where: { $0.name == "document_id" }) {
      metadata.append(JSONMember(name: "document_id", value: .string(document)))
    }
    let tokens = database.model.tokenizer?.encode(content, addSpecialTokens: false).ids.count
    return Hit(
      chunk: KnowledgeChunk(
        text: content, document: document, metadata: .object(metadata), score: hit.distance, tokens: tokens ?? 0),
      passage: Passage(
        key: hit.key, document: document, source: text("source") ?? document, title: text("title"), text: content,
        distance: hit.distance))
  }
}
