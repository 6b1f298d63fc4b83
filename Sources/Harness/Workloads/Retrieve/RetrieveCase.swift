internal import Datasets
internal import Documents
internal import Experiments

/// One row of a retrieve workload.
struct RetrieveCase: Sendable {
  var planned: PlannedCase
  var search: ParameterPoint
}

/// What is embedded: one corpus under one chunker, for one embedder.
struct RetrieveGroup: Sendable {
  struct Engine: Sendable {
    var choice: EngineChoice
    var cases: [RetrieveCase]
  }

  var corpus: JudgedCorpus
  var chunker: ChunkerChoice
  var context: ChunkContext
  var embedder: EmbedderChoice
  /// As the plan found it.
  var chunks: Int
  var dimension: Int
  var metric: DatasetMetric
  var engines: [Engine]

  /// "xquad-en/recursive/size=512,overlap=51", the context where there is one.
  var chunkingID: String {
    ([corpus.name] + chunker.idParts + (context == .none ? [] : ["context=\(context.rawValue)"]))
      .joined(separator: "/")
  }

  /// "xquad-en/recursive/size=512,overlap=51/minilm".
  var id: String { ([chunkingID] + embedder.idParts).joined(separator: "/") }
}

/// A corpus whose questions can all be scored.
struct JudgedCorpus: Sendable {
  let name: String
  let documents: [Document]
  /// Only those with a relevant document.
  let questions: [Question]
  let contentHash: String
  /// What was left out or mended, a sentence each.
  let warnings: [String]

  /// - Throws: `ExperimentError` for a corpus without documents, or without a question that has a relevant one.
  init(_ corpus: Corpus) throws {
    name = corpus.name
    documents = corpus.documents
    questions = corpus.questions.filter { question in question.judgements.values.contains { $0 > 0 } }
    guard !documents.isEmpty else { throw ExperimentError("corpus \(name) holds no document") }
    guard !questions.isEmpty else {
      throw ExperimentError(
        corpus.questions.isEmpty
          ? "corpus \(name) has no questions, which retrieval is scored on; choose one that has, such as handbook"
          : "no question of corpus \(name) has a relevant document")
    }
    let unscored = corpus.questions.count - questions.count
    warnings =
      corpus.warnings.map { "\(corpus.name): \($0)" }
      + (unscored > 0 ? ["\(name): \(unscored) questions have no relevant document and are left out"] : [])
    contentHash = corpus.contentHash
  }
}
