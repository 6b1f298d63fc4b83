internal import Datasets
internal import Documents
internal import Experiments
internal import Generation
internal import RAGPipeline
internal import VectorIndexes

/// One row of a rag workload.
struct RagCase: Sendable {
  var planned: PlannedCase
  var search: ParameterPoint
  var generator: GeneratorChoice
  var options: RAGOptions
  var load: QuestionLoad
  var overlaps: Bool
  var inserts: InsertStream?

  /// Whether the answers over the exact index are the same for both: only the way in which questions come, or how many answers
  /// they get, differs.
  func sharesReference(with other: RagCase) -> Bool {
    var (mine, others) = (options, other.options)
    mine.sampling.n = 1
    others.sampling.n = 1
    return generator == other.generator && mine.template == others.template && mine.limit == others.limit
      && mine.order == others.order && mine.duplicates == others.duplicates && mine.budget == others.budget
      && mine.sampling == others.sampling
  }
}

/// What is embedded: one corpus under one chunker, for one embedder.
struct RagGroup: Sendable {
  /// A store with one index, and the cases that search it.
  struct Collection: Sendable {
    var store: VectorStoreChoice
    var engine: EngineChoice
    var cases: [RagCase]

    /// "store=milvus", "hnsw", "m=16"; the embedded store goes without saying.
    var idParts: [String] {
      (store == .embedded ? [] : ["store=\(store.idParts.joined(separator: ","))"]) + engine.idParts
    }
  }

  var corpus: AskedCorpus
  var chunker: ChunkerChoice
  var embedder: EmbedderChoice
  /// As the plan found it.
  var chunks: Int
  var dimension: Int
  var metric: DatasetMetric
  var collections: [Collection]
  /// What cases insert while asking.
  var live: [CorpusExtract: [Document]]

  /// "xquad-en/recursive/size=512,overlap=51/minilm".
  var id: String { ([corpus.name] + chunker.idParts + embedder.idParts).joined(separator: "/") }
}
