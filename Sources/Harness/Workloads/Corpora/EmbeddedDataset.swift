internal import Datasets
internal import Documents
internal import Embedders
internal import Spelling

/// A set of vectors that is made of a corpus while it is loaded: `embedded:corpus=wordnet,texts=10000,embedder=minilm`.
///
/// `chunker` and `embedder` are words of their own, in quotes where they hold commas: `chunker="recursive:size=256,overlap=0"`;
/// without a chunker documents stay whole. `texts` takes so many of all chunks, evenly spread. Queries are the corpus's
/// questions, or those of the file `questions`; where there are none, one text in eleven is held out and asked as a query, at most
/// 1 000. `truncate=true` lets the embedder read the beginnings of texts that are longer than it reads.
struct EmbeddedDataset: Equatable {
  static let prefix = "embedded"
  private static let heldOut = 11
  private static let mostHeldOut = 1000

  var corpus: String
  var chunker: ChunkerSpecification
  var embedder: EmbedderSpecification
  var texts: Int?
  var questionFile: String?
  var truncates = false

  /// - Throws: `EngineError` for a word that is none; `ChunkerError` and `EmbedderError` for the words inside it.
  init(parsing word: String) throws {
    let text: SpecificationText
    do {
      text = try SpecificationText(word)
    } catch {
      throw EngineError("\(error)")
    }
    let known = ["corpus", "chunker", "embedder", "texts", "questions", "truncate"]
    for (name, _) in text.parameters where !known.contains(name) {
      throw EngineError("'\(word)' has no parameter '\(name)'; \(Spelling.hint(for: name, among: known))")
    }
    let values = text.dictionary
    guard let corpus = values["corpus"], let embedder = values["embedder"] else {
      throw EngineError("'\(word)' needs a corpus and an embedder: \(Self.prefix):corpus=handbook,embedder=minilm")
    }
    self.corpus = corpus
    self.embedder = try EmbedderSpecification(parsing: embedder)
    chunker = try ChunkerSpecification(parsing: values["chunker"] ?? WholeChunker.kind)
    texts = try values["texts"].map { text in
      guard let count = Int(text), count >= 1 else {
        throw EngineError("texts is '\(text)' in '\(word)'; it must be an integer of at least 1")
      }
      return count
    }
    questionFile = values["questions"]
    if let word = values["truncate"] {
      guard let flag = Bool(word) else { throw EngineError("truncate is '\(word)'; it is true or false") }
      truncates = flag
    }
  }

  /// What is searched among and asked.
  ///
  /// - Throws: what corpus and chunker throw; `EngineError` where nothing is left to search or to ask.
  func texts(_ stages: TextStages) throws -> DatasetTexts {
    let source = try stages.corpus(CorpusChoice(source: corpus, questionFile: questionFile))
    let cutter = try stages.chunker(chunker)
    var texts = source.documents.flatMap { cutter.chunks(of: $0.text).map(\.text) }
    if let wanted = self.texts, wanted < texts.count {
      texts = (0..<wanted).map { texts[$0 * texts.count / wanted] }
    }
    var queries = source.questions.map(\.text)
    if queries.isEmpty {
      let asked = Set(stride(from: 0, to: texts.count, by: Self.heldOut).prefix(Self.mostHeldOut))
      queries = asked.sorted().map { texts[$0] }
      texts = texts.indices.filter { !asked.contains($0) }.map { texts[$0] }
    }
    guard !texts.isEmpty, !queries.isEmpty else {
      throw EngineError("corpus \(source.name) has too few texts to search among and to ask")
    }
    return DatasetTexts(base: texts, queries: queries)
  }

  /// - Parameter name: what ids and tables call it.
  /// - Throws: what `texts` and the embedder throw; `EngineError` where a text is beyond the embedder's limit, which would make
  ///   vectors of something else, and `truncate` does not allow it.
  func dataset(name: String, _ stages: TextStages, threads: Int) throws -> VectorDataset {
    let model = try stages.embedder(embedder, threads: threads)
    let texts = try texts(stages)
    return try VectorDataset(
      name: name, metric: model.isNormalized ? .ip : .cosine, base: vectors(texts.base, model, as: .document),
      queries: vectors(texts.queries, model, as: .query))
  }

  private func vectors(_ texts: [String], _ model: any Embedder, as role: EmbeddingRole) throws -> VectorSet {
    var values: [Float] = []
    values.reserveCapacity(texts.count * model.dimension)
    for first in stride(from: 0, to: texts.count, by: 1024) {
      let batch = try model.embed(Array(texts[first..<min(first + 1024, texts.count)]), as: role)
      let cut = batch.truncatedTokens.count { $0 > 0 }
      guard cut == 0 || truncates else {
        throw EngineError(
          "\(model.name) would read only the beginning of \(cut) texts of corpus \(corpus); choose a chunker with shorter chunks, or allow it by truncate=true"
        )
      }
      values += batch.values
    }
    return try VectorSet(dimension: model.dimension, values: values)
  }
}
