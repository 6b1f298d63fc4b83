internal import Documents
internal import Generation
internal import ModelFiles
internal import RAGPipeline
internal import VectorIndexes

/// What the exact index finds for every question, and what is answered from it: what approximate indexes are held against.
///
/// Answers are compared by their first output alone. The engine of the stack gives a sequence the same tokens whatever else is in
/// its batch, with one output or several; for a server that may not, answers to equal prompts are counted apart.
final class ExactReference {
  struct Answer: Sendable {
    var text: String
    /// The whole prompt.
    var messages: [ChatMessage]
  }

  private let retriever: any Retriever
  private let corpus: AskedCorpus
  private let seed: UInt64
  private let threads: TaskThreads
  /// Texts of the chunks by question, the best first, and for how many was asked.
  private var found: [Int: (limit: Int, texts: [String])] = [:]
  private var answered: [(one: RagCase, answers: [Int: Answer])] = []

  init(_ collection: FilledCollection, corpus: AskedCorpus, seed: UInt64, threads: TaskThreads) throws {
    retriever = try collection.retriever(SearchParameters())
    self.corpus = corpus
    self.seed = seed
    self.threads = threads
  }

  /// The exact chunks of a question.
  func chunks(of question: Int, limit: Int) throws -> [String] {
    if let known = found[question], known.limit >= limit { return Array(known.texts.prefix(limit)) }
    let texts = try retriever.retrieve(corpus.questions[question].text, limit: limit).passages.map(\.text)
    found[question] = (limit, texts)
    return texts
  }

  /// Answers over the exact index by question, under the case's generator and prompt, those that failed left out; asked for once
  /// for all cases that share them.
  ///
  /// - Throws: what keeps the generator from being had.
  func answers(for one: RagCase, _ generator: any LoadedGenerator) throws -> [Int: Answer] {
    if let known = answered.first(where: { $0.one.sharesReference(with: one) }) { return known.answers }
    var options = one.options
    options.sampling.n = 1
    options.sampling.seed = seed
    let pipeline = try RAGPipeline(
      retriever: retriever, generator: try generator.fresh(), options: options, limits: generator.limits,
      now: { RagRun.now() })
    let asker = QuestionAsker(corpus: corpus, warmup: 0, seed: seed, threads: threads)
    let users = QuestionLoad(.users(min(Self.users, corpus.measured)))
    var answers: [Int: Answer] = [:]
    for asked in asker.ask(pipeline, users).measured {
      guard let answer = try? asked.result.get(), let first = answer.choices.first else { continue }
      answers[corpus.question(at: asked.place, warmup: 0)] = Answer(
        text: first.text, messages: answer.context.messages)
    }
    answered.append((one, answers))
    return answers
  }

  /// Who ask for them at once: nothing is timed here.
  private static let users = 8
}
