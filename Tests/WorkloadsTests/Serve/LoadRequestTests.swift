import Documents
import Foundation
import Generation
import GenerationClient
import ModelFiles
import TestFixtures
import Testing
import Tokenizers
import Workloads

/// What a load sends.
@Suite struct LoadRequestTests {
  private let folder = TestFixtures.TemporaryFolder()

  private func drawn(_ prompt: LengthLaw, _ output: LengthLaw = .fixed(8)) -> RequestSource {
    RequestSource(kind: .drawn(prompt: prompt, output: output), name: "drawn")
  }

  private func file(_ name: String, _ text: String) throws -> RequestSource {
    RequestSource(kind: .file(try folder.file(name, text), output: .fixed(8)), name: name)
  }

  private func request(
    _ requests: LoadRequests, _ session: Int, turn: Int = 0, n: Int = 1, lengths: PromptLengths? = nil
  ) -> LoadRequest {
    requests.request(session: session, turn: turn, n: n, lengths: lengths ?? requests.lengths)
  }

  private func text(_ request: LoadRequest) -> String {
    switch request.request.prompt {
    case .text(let text): text
    case .messages(let messages): messages.last?.content ?? ""
    case .tokens: ""
    }
  }

  private func ids(_ request: LoadRequest) -> [Int32] {
    if case .tokens(let ids) = request.request.prompt { ids } else { [] }
  }

  /// Words between blanks are its tokens, around which it puts two.
  private struct WordTokenizer: Tokenizer {
    let vocabularySize = 5000

    func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
      var encoding = Encoding()
      let count = text.split(separator: " ").count + (addSpecialTokens ? 2 : 0)
      encoding.ids = Array(repeating: 7, count: count)
      return encoding
    }

    func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String { "" }
  }

  // MARK: Lengths

  @Test func idsHaveTheLengthThatIsDrawn() throws {
    var shape = RequestShape()
    shape.synthetic = .ids
    let requests = try LoadFixtures.requests(drawn(.uniform(5...90)), shape, tokenizer: WordTokenizer())
    let prompts = (0..<200).map { request(requests, $0) }
    #expect(prompts.allSatisfy { ids($0).count == $0.promptTokens && (5...90).contains(ids($0).count) })
    // Behind the last of the source, lengths come again, and other tokens.
    #expect(ids(prompts[64]).count == ids(prompts[0]).count && ids(prompts[64]) != ids(prompts[0]))
    #expect(Set(prompts.map { Array(ids($0).prefix(4)) }).count == 200, "no beginning is shared")
    #expect(prompts.allSatisfy { $0.request.sampling.maxTokens == 8 && $0.request.sampling.minTokens == 8 })
    #expect(prompts.allSatisfy { $0.request.sampling.ignoreEOS })
    #expect(throws: EngineError.self) { try LoadFixtures.requests(drawn(.fixed(5)), shape) }
  }

  @Test func wordsHaveTheLengthThatIsDrawn() throws {
    let tokenizer = WordTokenizer()
    let requests = try LoadFixtures.requests(drawn(.uniform(5...90)), tokenizer: tokenizer)
    for session in 0..<100 {
      let made = request(requests, session)
      #expect(tokenizer.encode(text(made), addSpecialTokens: true).ids.count == made.promptTokens, "session \(session)")
    }
    #expect(text(request(requests, 3)) == text(request(requests, 3)), "the same each time")
    #expect(Set((0..<200).map { text(request(requests, $0)).prefix(12) }).count > 150)
  }

  @Test(arguments: ["smollm2-135m", "minilm"]) func wordsHaveExactLengthsByRealTokenizers(model: String) throws {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["RAGMETER_MODELS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/models"
    guard let folder = try? ModelFolder(path: "\(cache)/\(model)"), let tokenizer = try? TokenizerReader.read(folder)
    else {
      return print("skipped: \(model) is not in \(cache)")
    }
    for endpoint in ClientRequest.Endpoint.allCases {
      var shape = RequestShape()
      shape.endpoint = endpoint
      shape.prefix = endpoint == .completions ? .system(tokens: 40, distinct: 2) : .none
      let requests = try LoadFixtures.requests(drawn(.uniform(3...400)), shape, tokenizer: tokenizer)
      for session in 0..<200 {
        let made = request(requests, session)
        let count = tokenizer.encode(text(made), addSpecialTokens: true).ids.count
        #expect(count == made.promptTokens, "session \(session): \(count)")
      }
    }
  }

  @Test func lengthsAreLearntWhereNoTokenizerIsKnown() throws {
    // A server counts so many tenths of the words, and so much for its template.
    let servers: [(law: LengthLaw, tenths: Int, added: Int)] = [
      (.fixed(300), 10, 31), (.uniform(50...600), 10, 31), (.uniform(50...600), 13, 9), (.fixed(300), 20, 0),
      (.uniform(50...600), 10, 0),
    ]
    for (law, tenths, added) in servers {
      let requests = try LoadFixtures.requests(drawn(law))
      var lengths = requests.lengths
      var worst = 0
      for session in 0..<60 {
        let made = request(requests, session, lengths: lengths)
        let words = try #require(made.words)
        #expect(text(made).split(separator: " ").count == words)
        let counted = words * tenths / 10 + added
        lengths.learn(words: words, tokens: counted)
        if session > 20 { worst = max(worst, abs(counted - (made.promptTokens ?? 0))) }
      }
      #expect(worst <= 4, "\(law)")
    }
  }

  @Test func whatIsCountedIsReportedBesideWhatWasWanted() throws {
    let client = ScriptedClient { request, _, _ in
      guard case .text(let text) = request.prompt else { return ScriptedClient.Answer(tokens: [1]) }
      return ScriptedClient.Answer(tokens: [8], promptTokens: text.split(separator: " ").count + 20)
    }
    var point = LoadFixtures.closed(1, requests: 50)
    point.warmup = 0
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.requests(drawn(.fixed(100))), point: point, seed: 1
    ).run()
    #expect(result.wantedPromptTokens == 5000 && result.countedPromptTokens == 5020, "only the first is too long")
  }

  @Test func naturalLengthsAreTheServersToEnd() throws {
    var shape = RequestShape()
    shape.outputLengths = .natural
    shape.sampling.temperature = 0.5
    shape.sampling.seed = 4
    let requests = try LoadFixtures.requests(drawn(.fixed(5), .fixed(77)), shape)
    let made = (0..<9).map { request(requests, $0, n: 3).request.sampling }
    #expect(
      made.allSatisfy { $0.maxTokens == 77 && $0.minTokens == 0 && !$0.ignoreEOS && $0.n == 3 && $0.temperature == 0.5 }
    )
    #expect(Set(made.compactMap(\.seed)).count == 9 && made.allSatisfy { ($0.seed ?? 0) < 1 << 31 })
  }

  // MARK: Sources

  @Test func promptsOfAFileComeAgain() throws {
    let requests = try LoadFixtures.requests(
      file("p.jsonl", "{\"prompt\": \"one\"}\n{\"prompt\": \"two\", \"output_tokens\": 3}\n"))
    #expect((0..<4).map { text(request(requests, $0)) } == ["one", "two", "one", "two"])
    #expect((0..<2).map { request(requests, $0).outputTokens } == [8, 3] && requests.distinctSessions == 2)
    #expect(request(requests, 0).promptTokens == nil && request(requests, 0).words == nil)
  }

  @Test func conversationsOfAFileKeepTheirTurns() throws {
    let source = try file("c.jsonl", "{\"turns\": [\"a\", \"b\"]}\n{\"turns\": [\"c\"]}\n")
    var shape = RequestShape()
    shape.sessions = SessionShape(turns: .recorded)
    shape.endpoint = .chat
    let requests = try LoadFixtures.requests(source, shape)
    #expect([0, 1, 2].map(requests.turnCount) == [2, 1, 2])
    let first = request(requests, 0)
    let history = requests.history(after: first.request, answer: "hm", [])
    let second = requests.request(session: 0, turn: 1, n: 1, history: history, lengths: requests.lengths).request
    #expect(
      second.prompt
        == .messages([
          ChatMessage(role: "user", content: "a"), ChatMessage(role: "assistant", content: "hm"),
          ChatMessage(role: "user", content: "b"),
        ]))
    #expect(throws: EngineError.self) { try LoadFixtures.requests(drawn(.fixed(4)), shape) }
  }

  @Test func conversationsEndWhereTheModelDoes() throws {
    var shape = RequestShape()
    shape.sessions = SessionShape(turns: .drawn(.fixed(4)))
    let requests = try LoadFixtures.requests(drawn(.fixed(20), .fixed(10)), shape, limit: 100)
    #expect((0..<16).allSatisfy { requests.turnCount(ofSession: $0) == 3 } && requests.leftOut == 16)
  }

  @Test func tracesAreReplayedInTheirTime() throws {
    let rows = ["00:00:10,50,5", "00:00:00,10,1", "00:00:05,9000,9", "00:00:04,40,4", "00:00:20.5,70,7"]
    let source = try file(
      "t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n" + rows.map { "2023-11-16 \($0)\n" }.joined())
    var shape = RequestShape()
    func replay(_ replay: TraceReplay, count: Int? = nil) throws -> LoadRequests {
      shape.replay = replay
      return try LoadFixtures.requests(source, shape, count: count, isReplay: true)
    }
    let all = try replay(TraceReplay())
    #expect(all.arrivals == [0, 4, 10, 20.5] && all.leftOut == 1)
    #expect((0..<4).map { request(all, $0).promptTokens } == [10, 40, 50, 70])
    #expect((0..<4).map { request(all, $0).outputTokens } == [1, 4, 5, 7])
    let part = try replay(TraceReplay(from: 4, seconds: 16, scale: 0.5))
    #expect(part.arrivals == [0, 3] && request(part, 0).promptTokens == 40)
    #expect(try replay(TraceReplay(), count: 2).arrivals == [0, 4])
    #expect(all.contentHash != part.contentHash)
    #expect(throws: EngineError.self) { try replay(TraceReplay(from: 100)) }
    let lengths = try file("l.csv", "ContextTokens,GeneratedTokens\n1,2\n")
    let error = #expect(throws: EngineError.self) { try LoadFixtures.requests(lengths, isReplay: true) }
    #expect(error?.description.contains("TIMESTAMP") == true)
  }

  @Test func azuresTraceHasItsHour() throws {
    guard let mirror = ProcessInfo.processInfo.environment["RAGMETER_MIRROR"] else {
      return print("skipped: RAGMETER_MIRROR is not set")
    }
    let source = RequestSource(
      kind: .file("\(mirror)/azure-llm-trace/AzureLLMInferenceTrace_conv.csv", output: .fixed(1)), name: "conv")
    let requests = try LoadFixtures.requests(source, count: nil, limit: 1 << 20, isReplay: true)
    let arrivals = try #require(requests.arrivals)
    #expect(arrivals.count == 19_366 && arrivals == arrivals.sorted())
    #expect(abs((arrivals.last ?? 0) - 3501.721937) < 1e-6 && abs(arrivals[1] - 4.314579) < 1e-9)
  }

  @Test func corporaArePromptsToo() throws {
    let texts = CorpusTexts(corpus: "handbook", part: .questions)
    var asked: [CorpusTexts] = []
    let requests = try LoadFixtures.requests(
      RequestSource(kind: .corpus(texts, output: .fixed(4)), name: "handbook"), count: nil,
      texts: {
        asked.append($0)
        return ["why?", "how?"]
      })
    #expect((0..<3).map { text(request(requests, $0)) } == ["why?", "how?", "why?"] && asked == [texts])
  }

  // MARK: What prompts share

  @Test func aSystemPromptIsTheSameForAll() throws {
    var shape = RequestShape()
    shape.prefix = .system(tokens: 30, distinct: 3)
    for form in RequestShape.Synthetic.allCases {
      shape.synthetic = form
      let requests = try LoadFixtures.requests(drawn(.fixed(12)), shape, tokenizer: WordTokenizer())
      let made = (0..<60).map { request(requests, $0) }
      #expect(made.allSatisfy { $0.promptTokens == 42 })
      let words = made.map { form == .ids ? ids($0).map { "\($0)" } : text($0).split(separator: " ").map(String.init) }
      let fronts = words.map { Array($0.prefix(28)) }
      let whole = words
      #expect(Set(fronts).count == 3 && fronts[0] == fronts[3] && Set(whole).count == 60, "\(form)")
    }
    shape.endpoint = .chat
    let chat = try LoadFixtures.requests(drawn(.fixed(12)), shape)
    guard case .messages(let messages) = request(chat, 1).request.prompt else {
      return #expect(Bool(false), "no messages")
    }
    #expect(messages.map(\.role) == ["system", "user"] && messages[0].content.split(separator: " ").count == 30)
    shape.prefix = .system(tokens: 5000, distinct: 1)
    #expect(throws: EngineError.self) { try LoadFixtures.requests(drawn(.fixed(12)), shape) }
  }

  @Test func passagesAreDrawnByTheirPopularity() throws {
    var shape = RequestShape()
    shape.prefix = .passages(CorpusTexts(corpus: "c"), count: 3, exponent: 1)
    let passages = (0..<50).map { "passage \($0)." }
    let requests = try LoadFixtures.requests(file("q.txt", "why?\n"), shape, texts: { _ in passages })
    var counts: [Substring: Int] = [:]
    for session in 0..<2000 {
      let text = text(request(requests, session))
      let found = text.split(separator: "\n").filter { $0.hasPrefix("[") }.map { $0.dropFirst(4) }
      #expect(found.count == 3 && Set(found).count == 3 && text.hasSuffix("Question: why?\nAnswer:"))
      for passage in found { counts[passage, default: 0] += 1 }
    }
    let ranked = counts.values.sorted(by: >)
    // Of 1/r, and without the same twice: the first ranks near 1, 1/2 and 1/3 of the first's.
    #expect(counts.count == 50 && ranked[0] > 1000 && abs(Double(ranked[1]) / Double(ranked[0]) - 0.55) < 0.15)
    #expect(ranked[49] < ranked[0] / 15)
    shape.prefix = .passages(CorpusTexts(corpus: "c"), count: 51, exponent: 1)
    #expect(throws: EngineError.self) {
      try LoadFixtures.requests(file("q.txt", "why?\n"), shape, texts: { _ in passages })
    }
    // However steep the law, all are different.
    shape.prefix = .passages(CorpusTexts(corpus: "c"), count: 50, exponent: 8)
    let steep = try LoadFixtures.requests(file("q.txt", "why?\n"), shape, texts: { _ in passages })
    #expect(passages.allSatisfy { text(request(steep, 9)).contains($0) })
  }
}
