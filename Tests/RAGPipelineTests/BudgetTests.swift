import Generation
import ModelFiles
import RAGPipeline
import Testing

/// What fits a budget, counted in words.
@Suite struct BudgetTests {
  private static let template = PromptTemplate(
    name: "bare", system: nil, user: "{{context}} {{question}}", passage: "{{text}}", separator: " ")

  private func prepare(
    _ passages: [Passage], question: String = "why ?", context: Int = 1000, budget: Int? = nil, maxTokens: Int? = 10
  ) throws -> PreparedQuestion {
    var options = RAGOptions()
    options.template = Self.template
    options.order = .bestFirst
    options.limit = passages.count
    options.budget = budget
    options.sampling.maxTokens = maxTokens
    return try RAGPipeline(
      retriever: ScriptedRetriever(passages), generator: ScriptedGenerator(), options: options, limits: .words(context),
      now: { 0 }
    ).prepare(question)
  }

  /// What is kept fits, is the beginning of what was found, and one more would not fit.
  @Test(arguments: 0..<200 as Range<UInt64>) func keepsAsManyOfTheBestAsFit(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let passages = (1...Int.random(in: 1...12, using: &random)).map { number in
      let words = (0..<Int.random(in: 1...30, using: &random)).map { "p\(number)w\($0)" }
      return Passage.numbered(number, text: words.joined(separator: " "))
    }
    let budget = Int.random(in: 1...150, using: &random)
    let prepared = try prepare(passages, budget: budget)
    let words = { (passage: Passage) in passage.text.split(separator: " ").count }
    let kept = prepared.passages.map(words).reduce(0, +)
    #expect(kept <= budget, "seed \(seed)")
    #expect(prepared.contextTokens == kept, "seed \(seed)")
    if prepared.passages[0] == passages[0] {
      #expect(prepared.passages + prepared.cut == passages, "seed \(seed)")
      if let next = prepared.cut.first { #expect(kept + words(next) > budget, "seed \(seed)") }
    } else {
      // The best one alone is too long: its beginning stays.
      #expect(prepared.passages.count == 1 && kept == budget, "seed \(seed)")
      #expect(prepared.passages[0].text + prepared.cut[0].text == passages[0].text, "seed \(seed)")
      #expect(prepared.cut.dropFirst() == passages.dropFirst(), "seed \(seed)")
    }
    #expect(prepared.found == passages, "seed \(seed)")
  }

  @Test func theContextIsABudgetToo() throws {
    let passages = (1...4).map { Passage.numbered($0, text: "a b c d e f g h i j") }.enumerated().map {
      Passage.numbered($0 + 1, text: $1.text + " \($0)")
    }
    // 50 words: 10 for the answer, 2 for the question, and 38 are left for passages of 11.
    let prepared = try prepare(passages, context: 50)
    #expect(prepared.passages.count == 3 && prepared.cut.count == 1)
    // Half of the context, and no more, is kept for an answer that may be longer than it.
    #expect(try prepare(passages, context: 50, maxTokens: 5000).passages.count == 2)
    #expect(try prepare(passages, context: 1000, budget: 22).passages.count == 2)
  }

  @Test func mistakesAreSentences() throws {
    let long = Array(repeating: "word", count: 95).joined(separator: " ")
    #expect(throws: RAGError.self) { try prepare([.numbered(1)], question: long, context: 100) }
    do {
      _ = try prepare([.numbered(1)], question: long, context: 100)
    } catch {
      #expect(
        "\(error)" == """
          the question and what goes with it take 95 tokens, and the model's context of 100 keeps 10 of them for the answer; \
          ask a shorter question, or choose a model with a longer context
          """)
    }
    var options = RAGOptions()
    options.budget = 10
    #expect(throws: RAGError.self) {
      try RAGPipeline(
        retriever: ScriptedRetriever([]), generator: ScriptedGenerator(), options: options, now: { 0 })
    }
    options.budget = 0
    #expect(throws: RAGError("the budget is 0 tokens; it must be at least 1")) {
      try RAGPipeline(
        retriever: ScriptedRetriever([]), generator: ScriptedGenerator(), options: options, limits: .words(9),
        now: { 0 })
    }
  }

  /// A token for every Unicode scalar, and two of every word: not a prefix of a word fits.
  @Test func aBudgetTooSmallForAWordIsRefused() throws {
    var options = RAGOptions()
    options.template = Self.template
    options.budget = 3
    let limits = PromptLimits(contextLength: 1000) { $0.map(\.content.unicodeScalars.count).reduce(0, +) }
    let pipeline = try RAGPipeline(
      retriever: ScriptedRetriever([.numbered(1)]), generator: ScriptedGenerator(), options: options, limits: limits,
      now: { 0 })
    #expect(throws: RAGError.self) { try pipeline.prepare("why?") }
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
