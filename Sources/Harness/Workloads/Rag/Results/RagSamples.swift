internal import Documents
internal import Generation
internal import Instrumentation
internal import RAGPipeline
internal import RunStore
internal import Statistics

/// What a pass leaves: series with a value for each measured question in the order in which they were asked, so that cases are
/// compared question by question. A question that failed, or has nothing to be scored on, has NaN.
struct RagSamples {
  private(set) var series: [String: Samples] = [:]
  private let one: RagCase
  private let measured: [AskedQuestion]
  /// Of the measured questions, by their places in the corpus.
  private let numbers: [Int]
  private let corpus: AskedCorpus

  /// - Parameters:
  ///   - answers: over the exact index, by question; nil where nothing is held against it.
  /// - Throws: what the exact index throws.
  init(
    _ asked: RagPass.Result, one: RagCase, corpus: AskedCorpus, warmup: Int, reference: ExactReference?,
    answers: [Int: ExactReference.Answer]?
  ) throws {
    self.one = one
    self.corpus = corpus
    measured = asked.pass.measured
    numbers = measured.map { corpus.question(at: $0.place, warmup: warmup) }
    series["question"] = .int64(numbers.map(Int64.init))
    series["seconds"] = .double([asked.pass.seconds])
    series["answered"] = .uint64([UInt64(asked.pass.answered)])
    series["answered_tokens"] = .uint64([UInt64(asked.pass.outputTokens)])
    series["not_measured"] = .uint64([UInt64(asked.pass.others)])
    series["failed"] = .uint64(measured.map { if case .failure = $0.result { 1 } else { 0 } })
    times()
    stages()
    counts()
    retrieval()
    scores()
    if let reference { try exactChunks(reference) }
    if let answers { changes(answers) }
    if let live = asked.live { inserts(live) }
  }

  /// - Parameter value: of a question, its answer, and its number; nil where it has none.
  private mutating func add(_ name: String, _ value: (AskedQuestion, RAGAnswer, Int) -> Double?) {
    let values = zip(measured, numbers).map { question, number -> Double in
      guard case .success(let answer) = question.result else { return .nan }
      return value(question, answer, number) ?? .nan
    }
    if values.contains(where: \.isFinite) { series[name] = .double(values) }
  }

  /// All from the moment at which the question was to be asked.
  private mutating func times() {
    add("e2e") { question, _, _ in MonotonicClock.seconds(from: question.intended, to: question.ended) }
    add("ttft") { question, answer, _ in
      answer.choices.compactMap(\.firstToken).min().map { MonotonicClock.seconds(from: question.intended, to: $0) }
    }
    add("wait") { question, answer, _ in
      let begun = answer.spans.map(\.start).min() ?? question.started
      return MonotonicClock.seconds(from: question.intended, to: begun)
    }
    add("retrieve") { _, answer, _ in
      let spans = answer.spans.filter { [.embed, .search].contains($0.stage) }
      guard let start = spans.map(\.start).min(), let end = spans.map(\.end).max() else { return nil }
      return MonotonicClock.seconds(from: start, to: end)
    }
    add("tpot") { _, answer, _ in
      Descriptive.mean(
        answer.choices.compactMap { choice in
          guard let first = choice.firstToken, let last = choice.lastToken, choice.tokens > 1 else { return nil }
          return MonotonicClock.seconds(from: first, to: last) / Double(choice.tokens - 1)
        })
    }
  }

  /// What each stage took, and when it began.
  private mutating func stages() {
    for stage in Stage.allCases {
      add("stage_\(stage.rawValue)") { _, answer, _ in
        let spans = answer.spans.filter { $0.stage == stage }
        return spans.isEmpty ? nil : spans.reduce(0) { $0 + MonotonicClock.seconds(from: $1.start, to: $1.end) }
      }
      add("stage_\(stage.rawValue)_start") { question, answer, _ in
        answer.spans.filter { $0.stage == stage }.map(\.start).min()
          .map { MonotonicClock.seconds(from: question.intended, to: $0) }
      }
    }
  }

  private mutating func counts() {
    // Nobody counts what is counted as nothing.
    add("prompt_tokens") { _, answer, _ in
      let tokens = answer.promptTokens + (answer.context.plan?.promptTokens ?? 0)
      return tokens > 0 ? Double(tokens) : nil
    }
    add("cached_tokens") { _, answer, _ in
      answer.promptTokens > 0 ? Double(answer.cachedTokens + (answer.context.plan?.cachedTokens ?? 0)) : nil
    }
    add("output_tokens") { _, answer, _ in
      Double(answer.completionTokens + (answer.context.plan?.completionTokens ?? 0))
    }
    add("context_tokens") { _, answer, _ in answer.context.contextTokens.map(Double.init) }
    add("passages") { _, answer, _ in Double(answer.context.passages.count) }
    add("cut_passages") { _, answer, _ in Double(answer.context.cut.count) }
    add("duplicate_passages") { _, answer, _ in Double(answer.context.duplicates) }
  }

  /// Documents of the retrieved chunks, each at the rank of its best.
  private mutating func retrieval() {
    let k = one.options.limit
    let scores: [(name: String, score: (JudgedRanking) -> Double)] = [
      ("recall@\(k)", { $0.recall(at: k) }), ("precision@\(k)", { $0.precision(at: k) }),
      ("success@1", { $0.success(at: 1) }), ("mrr@\(k)", { $0.reciprocalRank(at: k) }),
      ("ndcg@\(k)", { $0.nDCG(at: k) }),
    ]
    let corpus = corpus
    for (name, score) in scores {
      add(name) { _, answer, number in
        let judgements = corpus.questions[number].judgements
        guard judgements.values.contains(where: { $0 > 0 }), !answer.context.found.isEmpty else { return nil }
        return score(JudgedRanking(answer.context.found.map(\.document), judgements: judgements))
      }
    }
    add("evidence_recall@\(k)") { _, answer, number in
      let evidence = corpus.questions[number].evidence
      guard !evidence.isEmpty, !answer.context.found.isEmpty else { return nil }
      return answer.context.found.contains { passage in evidence.contains { corpus.isHeld($0, by: passage) } } ? 1 : 0
    }
  }

  /// Each score's mean over a question's outputs, and the best of them.
  private mutating func scores() {
    var scored: [[AnswerScores]] = []
    for (question, number) in zip(measured, numbers) {
      guard case .success(let answer) = question.result else {
        scored.append([])
        continue
      }
      let context = ContextWords(answer.context.passages.map(\.text))
      let references = corpus.questions[number].answers
      scored.append(
        answer.choices.map { AnswerScores(answer: $0.text, references: references, context: context) })
    }
    let kinds: [(name: String, score: (AnswerScores) -> Double?)] = [
      ("exact_match", \.exactMatch), ("answer_f1", \.f1), ("rouge_l", \.rougeL), ("context_overlap", \.contextOverlap),
    ]
    for (name, score) in kinds {
      let values = scored.map { $0.compactMap(score) }
      guard values.contains(where: { !$0.isEmpty }) else { continue }
      series[name] = .double(values.map { Descriptive.mean($0) ?? .nan })
      if one.options.sampling.n > 1, name != "context_overlap" {
        series["\(name)_best"] = .double(values.map { $0.max() ?? .nan })
      }
    }
  }

  /// Chunks are told apart by their texts: of two that say the same, either is as good.
  private mutating func exactChunks(_ reference: ExactReference) throws {
    let limit = one.options.limit
    var exact: [Int: Set<String>] = [:]
    for number in numbers { exact[number] = Set(try reference.chunks(of: number, limit: limit)) }
    add("chunk_recall@\(limit)") { _, answer, number in
      guard let wanted = exact[number], !wanted.isEmpty, !answer.context.found.isEmpty else { return nil }
      return Double(wanted.intersection(answer.context.found.map(\.text)).count) / Double(wanted.count)
    }
  }

  private mutating func changes(_ answers: [Int: ExactReference.Answer]) {
    add("changed") { _, answer, number in
      guard let exact = answers[number], let first = answer.choices.first else { return nil }
      return first.text == exact.text ? 0 : 1
    }
    add("same_prompt") { _, answer, number in
      answers[number].map { $0.messages == answer.context.messages ? 1 : 0 }
    }
  }

  private mutating func inserts(_ live: LiveInserts.Report) {
    series["insert_latency"] = .double(live.latencies)
    series["freshness"] = .double(live.freshness)
    series["unseen"] = .uint64([UInt64(live.unseen)])
    series["live_seconds"] = .double([live.seconds])
  }
}
