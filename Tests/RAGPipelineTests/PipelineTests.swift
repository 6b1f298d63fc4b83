import Dispatch
import Generation
import ModelFiles
import RAGPipeline
import Synchronization
import Testing

@Suite struct PipelineTests {
  private func pipeline(
    _ passages: [Passage], _ generator: ScriptedGenerator, _ change: (inout RAGOptions) -> Void = { _ in }
  ) throws -> RAGPipeline {
    let clock = CountingClock()
    var options = RAGOptions()
    change(&options)
    return try RAGPipeline(
      retriever: ScriptedRetriever(passages, now: clock.now), generator: generator, options: options,
      limits: .words(2000), now: clock.now)
  }

  @Test func anAnswerHasItsSourcesTokensAndTimes() async throws {
    let generator = ScriptedGenerator("M is the degree.")
    let passages = [Passage.numbered(1), .numbered(2), .numbered(3, text: "Text of passage 1.")]
    let pipeline = try pipeline(passages, generator) {
      $0.sampling.maxTokens = 50
      $0.sampling.stopStrings = ["mine"]
    }
    var told: [String] = []
    let answer = try await pipeline.answer("What is M?") { event in
      switch event {
      case .toolCall: told.append("call")
      case .prepared(let prepared): told.append("prepared \(prepared.passages.count)")
      case .generation(.tokens(_, _, let text, _)): told.append(text)
      case .generation(.finished): told.append("end")
      case .generation(.usage): told.append("usage")
      }
    }
    #expect(told == ["prepared 2", "M", " is", " the", " degree.", "end", "usage"])
    #expect(answer.choices.map(\.text) == ["M is the degree."])
    #expect(answer.choices[0].tokens == 4)
    #expect(answer.promptTokens == 100 && answer.cachedTokens == 10 && answer.completionTokens == 4)
    #expect(answer.context.sources.map(\.source) == ["docs/d1.md", "docs/d2.md"])
    #expect(answer.context.passages == answer.context.sources.reversed())
    #expect(answer.context.duplicates == 1 && answer.context.cut.isEmpty && answer.context.found.count == 3)
    #expect(answer.context.query == "What is M?" && answer.context.plan == nil)
    #expect(answer.spans.map(\.stage) == [.search, .arrange, .prompt, .firstToken, .decode])
    for (span, next) in zip(answer.spans, answer.spans.dropFirst()) {
      #expect(span.start < span.end && span.end <= next.start)
    }
    #expect(answer.choices[0].firstToken == answer.spans[3].end && answer.choices[0].lastToken == answer.spans[4].end)
    #expect(generator.requests.count == 1 && generator.requests[0].sampling.maxTokens == 50)
    #expect(generator.requests[0].sampling.stopStrings == ["mine", "</context>"])
  }

  /// The halves of a question that is not an agent's give what the whole gives.
  @Test func theHalvesAreTheWhole() async throws {
    let whole = try await pipeline([.numbered(1)], ScriptedGenerator("Yes.")).answer("Why?")
    let halves = try pipeline([.numbered(1)], ScriptedGenerator("Yes."))
    let prepared = try halves.prepare("Why?")
    let answer = try await halves.generate(prepared)
    #expect(answer.context == whole.context && answer.choices == whole.choices)
  }

  @Test func severalOutputsAreKeptApart() async throws {
    let events: [GenerationEvent] = [
      .tokens(choice: 1, ids: [5], text: "b", logprobs: []), .tokens(choice: 0, ids: [1, 2], text: "a", logprobs: []),
      .finished(choice: 0, reason: .length), .tokens(choice: 1, ids: [6], text: "c", logprobs: []),
      .finished(choice: 1, reason: .stop), .usage(promptTokens: 9, completionTokens: 4, cachedTokens: 0),
    ]
    let answer = try await pipeline([.numbered(1)], ScriptedGenerator(events: [events])) { $0.sampling.n = 2 }
      .answer("Why?")
    #expect(answer.choices.map(\.text) == ["a", "bc"])
    #expect(answer.choices.map(\.tokens) == [2, 2])
    #expect(answer.choices.map(\.finishReason) == [.length, .stop])
    #expect((answer.choices[1].firstToken ?? 0) < (answer.choices[0].firstToken ?? 0))
  }

  @Test func anEmptyAnswerHasNoDecode() async throws {
    let events: [GenerationEvent] = [
      .finished(choice: 0, reason: .stop), .usage(promptTokens: 9, completionTokens: 0, cachedTokens: 0),
    ]
    let answer = try await pipeline([.numbered(1)], ScriptedGenerator(events: [events])).answer("Why?")
    #expect(answer.choices == [RAGAnswer.Choice()])
    #expect(answer.spans.map(\.stage).suffix(2) == [.prompt, .firstToken])
  }

  @Test func anAgentsModelSaysWhatToSearchFor() async throws {
    let generator = ScriptedGenerator(#"knowledge_search(query="HNSW M")"#, "M is the degree.")
    let clock = CountingClock()
    let retriever = ScriptedRetriever([.numbered(1)], now: clock.now)
    var options = RAGOptions()
    options.template = try .named("agent-search")
    options.sampling.n = 1
    let pipeline = try RAGPipeline(
      retriever: retriever, generator: generator, options: options, limits: .words(2000), now: clock.now)
    var calls: [String] = []
    let history = [ChatMessage(role: "user", content: "Hi"), ChatMessage(role: "assistant", content: "Hello.")]
    let answer = try await pipeline.answer("What is M?", history: history) {
      if case .toolCall(let query) = $0 { calls.append(query) }
    }
    #expect(calls == ["HNSW M"] && retriever.questions == ["HNSW M"])
    #expect(answer.context.query == "HNSW M" && answer.context.question == "What is M?")
    #expect(answer.context.plan?.isReadable == true && answer.context.plan?.completionTokens == 2)
    #expect(answer.spans.map(\.stage) == [.plan, .search, .arrange, .prompt, .firstToken, .decode])
    guard generator.requests.count == 2, case .messages(let plan) = generator.requests[0].prompt,
      case .messages(let last) = generator.requests[1].prompt
    else { throw RAGError("two conversations were expected") }
    // What the prefix cache holds already.
    #expect(Array(last.prefix(plan.count)) == plan)
    #expect(generator.requests[0].sampling.temperature == 0)
    try expectSnapshot(last.transcript, "prompt-agent-search-model.txt")
    #expect(throws: RAGError.self) { try pipeline.prepare("What is M?") }
  }

  @Test func aCallThatCannotBeReadSearchesForTheQuestion() async throws {
    let retriever = ScriptedRetriever([.numbered(1)])
    var options = RAGOptions()
    options.template = try .named("agent-search")
    let pipeline = try RAGPipeline(
      retriever: retriever, generator: ScriptedGenerator("M is a parameter, I think.", "It is."), options: options,
      now: { 0 })
    let answer = try await pipeline.answer("What is M?")
    #expect(retriever.questions == ["What is M?"])
    #expect(answer.context.plan?.isReadable == false && answer.context.plan?.text == "M is a parameter, I think.")
  }

  @Test func badInputIsNamed() async throws {
    func mistake(
      _ question: String = "Why?", _ passages: [Passage] = [.numbered(1)],
      _ generator: ScriptedGenerator = ScriptedGenerator("x"), _ change: (inout RAGOptions) -> Void = { _ in }
    ) async -> String {
      do {
        _ = try await pipeline(passages, generator, change).answer(question)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(await mistake(" \n") == "the question is empty; ask something")
    #expect(await mistake(" \n") { $0.template.agent = .model } == "the question is empty; ask something")
    #expect(
      await mistake("Why?", []) == """
        nothing was found for 'Why?'; the collection is empty, or its index holds no rows yet: insert documents first
        """)
    #expect(await mistake { $0.limit = 0 } == "0 passages are to be retrieved; ask for at least 1")
    #expect(await mistake { $0.sampling.n = 0 } == "0 answers are asked for; ask for at least 1")
    #expect(
      await mistake(
        "Why?", [.numbered(1)],
        ScriptedGenerator(events: [[.usage(promptTokens: 1, completionTokens: 0, cachedTokens: 0)]]))
        == "the answer of scripted broke off before its end; ask again, or look at the server's log")
    #expect(
      await mistake("Why?", [.numbered(1)], ScriptedGenerator(events: [[.finished(choice: 3, reason: .stop)]]))
        == "the generator told of output 3, and there are 1, counted from 0")
    #expect(await mistake("Why?", [.numbered(1)], ScriptedGenerator()) == "the script is at its end")
  }

  @Test func aModelWithoutAChatTemplateIsRefusedBeforeAnyQuestion() {
    let limits = PromptLimits(contextLength: 100) { _ in throw GenerationError("no template here") }
    #expect(
      throws: RAGError(
        "scripted cannot be told passages and a question (no template here); choose a model that was tuned for "
          + "conversations and has a chat template")
    ) {
      try RAGPipeline(retriever: ScriptedRetriever([]), generator: ScriptedGenerator(), limits: limits, now: { 0 })
    }
  }

  /// More passages than were asked for are the server's mistake.
  @Test func moreHitsThanAskedForAreLeftOut() throws {
    let prepared = try pipeline((1...9).map { .numbered($0) }, ScriptedGenerator()) { $0.limit = 2 }.prepare("Why?")
    #expect(prepared.found.count == 2 && prepared.passages.count == 2)
  }

  /// All retrievals wait for each other: on threads of Swift's pool, of which there is one a core, none would ever return.
  @Test func retrievalsBlockNoTask() async throws {
    let gate = RendezvousRetriever(64)
    let answers = (0..<64).map { _ in "Yes." }
    let pipeline = try RAGPipeline(
      retriever: gate, generator: ScriptedGenerator(events: answers.map(ScriptedGenerator.events)), retrievals: 64,
      now: { 0 })
    let count = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<64 { group.addTask { try await pipeline.answer("Question \(number)?").choices[0].text } }
      return try await group.reduce(into: 0) { count, text in count += text == "Yes." ? 1 : 0 }
    }
    #expect(count == 64)
  }

  /// No more at once than there may be, and all of them in the end.
  @Test func retrievalsAreBounded() async throws {
    let retriever = CountingRetriever()
    let pipeline = try RAGPipeline(
      retriever: retriever,
      generator: ScriptedGenerator(events: (0..<40).map { _ in ScriptedGenerator.events("Yes.") }), retrievals: 3,
      now: { 0 })
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 { group.addTask { _ = try await pipeline.answer("Question \(number)?") } }
      try await group.waitForAll()
    }
    #expect(retriever.most <= 3 && retriever.all == 40)
  }

  @Test func aCancelledQuestionIsNotGenerated() async throws {
    let generator = ScriptedGenerator("Yes.")
    let retriever = RendezvousRetriever(2)
    let pipeline = try RAGPipeline(retriever: retriever, generator: generator, now: { 0 })
    let task = Task { try await pipeline.answer("Why?") }
    while retriever.waiting == 0 { await Task.yield() }
    task.cancel()
    _ = try retriever.retrieve("the other one", limit: 1)
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(generator.requests.isEmpty)
  }
}

/// Answers when as many have asked as there must be.
private final class RendezvousRetriever: Retriever {
  private let missing: Mutex<Int>
  private let count: Int
  private let open = DispatchSemaphore(value: 0)

  init(_ count: Int) {
    self.count = count
    missing = Mutex(count)
  }

  var waiting: Int { missing.withLock { count - $0 } }

  func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    let isLast = missing.withLock { missing in
      missing -= 1
      return missing == 0
    }
    if isLast { for _ in 0..<count { open.signal() } }
    open.wait()
    return Retrieval(passages: [.numbered(1)], spans: [])
  }
}

/// Counts those who are inside.
private final class CountingRetriever: Retriever {
  private let state = Mutex((inside: 0, most: 0, all: 0))

  var most: Int { state.withLock { $0.most } }
  var all: Int { state.withLock { $0.all } }

  func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    state.withLock { state in
      state.inside += 1
      state.all += 1
      state.most = max(state.most, state.inside)
    }
    defer { state.withLock { $0.inside -= 1 } }
    return Retrieval(passages: [.numbered(1)], spans: [])
  }
}
