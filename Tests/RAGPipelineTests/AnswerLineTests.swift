import Generation
import RAGPipeline
import Testing
import VectorStores

/// What scripts send and get.
@Suite struct AnswerLineTests {
  private func question(_ line: String) -> Result<QuestionLine, any Error> {
    Result {
      try Array(line.utf8).withUnsafeBytes { try QuestionLine(line: $0, number: 7, source: "standard input") }
    }
  }

  @Test func questionsAreRead() throws {
    let full = try question(#"{"id": "q1", "question": "Why?"}"#).get()
    #expect(full.id == .string("q1") && full.question == "Why?")
    let bare = try question(#"{"text": "Why?"}"#).get()
    #expect(bare.id == .integer(7) && bare.question == "Why?")
    for (line, sentence) in [
      ("[1]", "is no JSON object"), ("{", "byte 1"), (#"{"id": 1}"#, "has no \"question\", which must be a text"),
      (#"{"question": 1}"#, "has no \"question\""),
    ] {
      guard case .failure(let error) = question(line) else {
        Issue.record("\(line) was read")
        continue
      }
      #expect("\(error)".hasPrefix("standard input: line 7: ") && "\(error)".contains(sentence), "\(error)")
    }
  }

  @Test func answersAreOneLine() async throws {
    let tick = CountingClock().now
    let milliseconds: @Sendable () -> UInt64 = { tick() * 1_000_000 }
    var options = RAGOptions()
    options.template = try .named("agent-search")
    options.budget = 13
    let passages = [
      Passage.numbered(1), .numbered(2, text: "A \"quoted\"\nline, which does not fit the budget."),
    ]
    let pipeline = try RAGPipeline(
      retriever: ScriptedRetriever(passages, now: milliseconds),
      generator: ScriptedGenerator(#"knowledge_search("M")"#, "It is\nthe degree."), options: options,
      limits: .words(500), now: milliseconds)
    let answer = try await pipeline.answer("What is M?")
    try expectSnapshot(answer.json(id: .integer(3)) + "\n", "answer.json")
    #expect(!answer.json().contains("\n"))
    #expect(try FieldValue(json: answer.json(id: .integer(3))) != .null)
  }
}
