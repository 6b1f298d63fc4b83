internal import Checksums
internal import Documents
internal import Experiments
internal import RAGPipeline
internal import Statistics

/// A corpus with what stands beside its documents, and its questions in the order in which every case asks them.
struct AskedCorpus: Sendable {
  let name: String
  let documents: [Document]
  /// In the order of the corpus.
  let questions: [Question]
  /// Numbers of questions: a permutation, of which the first `measured` are measured and the others warm up and fill up.
  let order: [Int]
  let measured: Int
  let contentHash: String
  /// Of the documents by their ids.
  private let documentPlaces: [String: Int]
  let warnings: [String]

  /// - Parameters:
  ///   - distractors: with ids of their own.
  ///   - wanted: questions that are measured; nil: all.
  /// - Throws: `ExperimentError` for a corpus without documents, or when there is nothing to ask.
  init(_ corpus: Corpus, distractors: [Document], wanted: Int?, seed: UInt64) throws {
    name = corpus.name
    documents = corpus.documents + distractors
    questions = corpus.questions
    guard !corpus.documents.isEmpty else { throw ExperimentError("corpus \(name) holds no document") }
    guard !questions.isEmpty else {
      throw ExperimentError(
        "corpus \(name) has no questions; give it a 'question_file', or choose one that has, such as handbook")
    }
    documentPlaces = Dictionary(
      corpus.documents.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var generator = SplitMix64(seed: seed)
    order = Array(questions.indices).shuffled(using: &generator)
    measured = min(wanted ?? questions.count, questions.count)
    warnings =
      corpus.warnings.map { "\(corpus.name): \($0)" }
      + ((wanted ?? 0) > questions.count
        ? ["\(name): there are \(questions.count) questions, fewer than the \(wanted ?? 0) wanted; all are asked"] : [])
    var hash = SHA256()
    hash.update(corpus.contentHash)
    for document in distractors { hash.update("\n\(document.id) \(document.text.utf8.count) \(document.text)") }
    contentHash = hash.hex()
  }

  /// The number of the question at place `place` of a pass: warm-up ones first, then the measured ones, then, as often as need
  /// be, those that keep the load up to the end.
  ///
  /// What warms and fills up is not measured, where there are enough questions: a prompt that was asked before would be found
  /// whole in a prefix cache.
  func question(at place: Int, warmup: Int) -> Int {
    if (warmup..<warmup + measured).contains(place) { return order[place - warmup] }
    let others = order.count > measured ? order[measured...] : order[...]
    let taken = place < warmup ? place : place - measured
    return others[others.startIndex + taken % others.count]
  }

  /// Whether a passage holds the whole of an answer's place. Passages carry no offsets: the words of the place are sought in them.
  func isHeld(_ evidence: Evidence, by passage: Passage) -> Bool {
    guard passage.document == evidence.document, let place = documentPlaces[evidence.document] else { return false }
    let bytes = Array(documents[place].text.utf8)[evidence.range]
    return passage.text.contains(String(decoding: bytes, as: UTF8.self))
  }
}
