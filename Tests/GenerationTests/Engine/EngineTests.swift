import Dispatch
import Generation
import ModelFiles
import Synchronization
import Testing
import Tokenizers

/// The engine as its callers see it.
@Suite struct EngineTests {
  struct Answer: Equatable {
    var texts: [String] = []
    var parts: [[String]] = []
    var ids: [[Int32]] = []
    var reasons: [FinishReason?] = []
    var logprobs: [[TokenLogprob]] = []
    var usage: [Int] = []

    mutating func take(_ event: GenerationEvent) {
      switch event {
      case .tokens(let choice, let ids, let text, let logprobs):
        reach(choice)
        texts[choice] += text
        parts[choice].append(text)
        self.ids[choice] += ids
        self.logprobs[choice] += logprobs
      case .finished(let choice, let reason):
        reach(choice)
        #expect(reasons[choice] == nil)
        reasons[choice] = reason
      case .usage(let prompt, let completion, let cached):
        #expect(usage.isEmpty)
        usage = [prompt, completion, cached]
      }
    }

    private mutating func reach(_ choice: Int) {
      while texts.count <= choice {
        texts.append("")
        parts.append([])
        ids.append([])
        reasons.append(nil)
        logprobs.append([])
      }
    }
  }

  private static let settings = SchedulerConfiguration(
    policy: KVPolicy(batching: .paged, blockSize: 4), blockCount: 200, maxBatchedTokens: 64, maxSequences: 16,
    maxModelLength: 120)

  private func engine(
    _ settings: SchedulerConfiguration = Self.settings, maxWaiting: Int = 100,
    _ prepare: (FakeExecutor) -> Void = { _ in }
  ) throws -> Engine {
    let executor = FakeExecutor(settings)
    prepare(executor)
    return try Engine(
      model: "fake", executor: executor, configuration: settings, vocabularySize: FakeExecutor.vocabularySize,
      tokenizer: ByteTokenizer(), endTokens: [ByteTokenizer.end], threads: 2, maxWaiting: maxWaiting)
  }

  private func ask(
    _ engine: Engine, _ prompt: String = "a prompt", _ change: (inout SamplingParameters) -> Void = { _ in }
  ) async throws -> Answer {
    var sampling = SamplingParameters()
    sampling.maxTokens = 20
    change(&sampling)
    var answer = Answer()
    for try await event in try await engine.generate(GenerationRequest(prompt: .text(prompt), sampling: sampling)) {
      answer.take(event)
    }
    return answer
  }

  /// A model that says these tokens behind a prompt of so many.
  private func saying(_ tokens: [Int32], after prompt: Int = "a prompt".utf8.count) -> ([Int32]) -> Int32? {
    { sequence in
      let place = sequence.count - prompt
      return place < tokens.count ? tokens[place] : nil
    }
  }

  @Test func textEventsAndUsage() async throws {
    let words = [ByteTokenizer.word("héllo"), ByteTokenizer.word(" world"), ByteTokenizer.end]
    let engine = try engine { $0.script = saying(words) }
    let answer = try await ask(engine) { $0.temperature = 0 }
    #expect(answer.texts == ["héllo world"] && answer.ids == [words] && answer.reasons == [.stop])
    #expect(answer.usage == [8, 3, 0])
    // The prompt's full block is found again.
    #expect(try await ask(engine) { $0.temperature = 0 }.usage == [8, 3, 4])
    let ignoring = try await ask(engine) { ($0.temperature, $0.ignoreEOS, $0.maxTokens) = (0, true, 5) }
    #expect(ignoring.ids[0].count == 5 && ignoring.ids[0].starts(with: words) && ignoring.reasons == [.length])
    let statistics = engine.statistics
    #expect(statistics.finishedRequests == 3 && statistics.totals.cachedPromptTokens == 8)
    #expect(statistics.history.count == statistics.totals.steps)
    #expect(statistics.totals.prefixQueries == 24 && statistics.totals.prefixHits == 8)
    #expect(statistics.generatedTokens == 11)
    #expect(statistics.stepTokens.count == statistics.totals.steps && statistics.stepTokens.sum == 24 - 8 + 8)
    for seconds in [statistics.queueSeconds, statistics.promptSeconds, statistics.runningSeconds] {
      #expect(seconds.count == 3)
    }
    await engine.shutDown()
  }

  @Test func scalarsComeWhole() async throws {
    // "é" and "🙂" in bytes, a byte that is no scalar, and one that stays in parts.
    let bytes = Array("é🙂".utf8) + [0xFF, 0x41, 0xF0, 0x9F]
    let engine = try engine { $0.script = saying(bytes.map { Int32($0) }) }
    let answer = try await ask(engine) { ($0.temperature, $0.maxTokens) = (0, bytes.count) }
    #expect(answer.texts == ["é🙂\u{FFFD}A\u{FFFD}"])
    #expect(answer.parts[0] == ["", "é", "", "", "", "🙂", "", "\u{FFFD}A", "", "\u{FFFD}"])
  }

  @Test func stopStringsAreFoundAcrossTokens() async throws {
    let words = ["héllo", "o", "ST", "OP", " world"].map(ByteTokenizer.word)
    let engine = try engine { $0.script = saying(words) }
    func answer(_ stops: [String], minTokens: Int = 0) async throws -> Answer {
      try await ask(engine) { parameters in
        (parameters.temperature, parameters.maxTokens, parameters.stopStrings) = (0, 5, stops)
        parameters.minTokens = minTokens
      }
    }
    let stopped = try await answer(["STOP"])
    #expect(stopped.texts == ["hélloo"] && stopped.reasons == [.stop])
    #expect(stopped.parts[0] == ["héllo", "o", "", ""] && stopped.ids[0].count == 4)
    // The first in the text counts, whatever the order.
    #expect(try await answer(["STOP", "oo"]).texts == ["héll"])
    #expect(try await answer(["é"]).texts == ["h"])
    // A stop string that never comes: what was held back comes at the end.
    let unmet = try await answer(["STOPS", " worlds"])
    #expect(unmet.texts == ["héllooSTOP world"])
    #expect(unmet.reasons == [.length])
    #expect(try await answer(["STOP"], minTokens: 4).reasons == [.length])
    #expect(engine.statistics.totals.steps > 0)
  }

  @Test func outputsOfOneRequestDifferAndRepeat() async throws {
    let engine = try engine()
    func answer() async throws -> Answer { try await ask(engine) { ($0.n, $0.seed) = (4, 7) } }
    let first = try await answer()
    #expect(Set(first.ids).count == 4 && first.usage[1] == first.ids.reduce(0) { $0 + $1.count })
    async let other = ask(engine, "something else") { $0.n = 2 }
    async let another = ask(engine, "and more") { $0.n = 3 }
    #expect(try await answer().ids == first.ids)
    #expect(try await ask(engine) { ($0.n, $0.seed) = (1, 9) }.ids[0] == first.ids[2], "output i draws from seed + i")
    _ = try await (other, another)
  }

  @Test func bestOfGivesTheMostProbable() async throws {
    let engine = try engine()
    let all = try await ask(engine) { ($0.n, $0.seed, $0.logprobs, $0.temperature) = (5, 3, 0, 2) }
    let means = all.logprobs.map { $0.reduce(0) { $0 + Double($1.logprob) } / Double($0.count) }
    let order = means.indices.sorted { means[$0] > means[$1] }
    let best = try await ask(engine) { ($0.n, $0.bestOf, $0.seed, $0.temperature) = (2, 5, 3, 2) }
    #expect(best.ids == order.prefix(2).map { all.ids[$0] } && best.texts == order.prefix(2).map { all.texts[$0] })
    #expect(best.logprobs.allSatisfy(\.isEmpty) && best.reasons.count == 2)
    #expect(best.usage[1] == best.ids.reduce(0) { $0 + $1.count })
  }

  @Test func logprobsStandBesideTheirTokens() async throws {
    let engine = try engine()
    let answer = try await ask(engine) { ($0.logprobs, $0.n) = (3, 2) }
    for (ids, logprobs) in zip(answer.ids, answer.logprobs) {
      #expect(logprobs.map(\.token) == ids)
      for place in logprobs {
        #expect(place.top.count == 3 && place.top[0].logprob >= place.top[1].logprob)
        #expect(place.logprob <= place.top[0].logprob && place.logprob < 0)
      }
    }
  }

  @Test func manyCallersAtOnce() async throws {
    let engine = try engine(maxWaiting: 3)
    let alone = try await ask(engine, "caller 5") { $0.seed = 5 }
    let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      for index in 0..<40 {
        group.addTask { (index, try await ask(engine, "caller \(index)") { $0.seed = UInt64(index) }) }
      }
      return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
    }
    #expect(answers.count == 40 && answers[5]?.ids == alone.ids)
    #expect(engine.statistics.finishedRequests == 41)
  }

  /// A gate that holds the executor until it is opened.
  private final class Gate: Sendable {
    private let turnstile = DispatchSemaphore(value: 0)
    func open() { turnstile.signal() }
    func wait() {
      turnstile.wait()
      turnstile.signal()
    }
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add() { count.add(1, ordering: .relaxed) }
  }

  @Test func aFullQueueMakesCallersWait() async throws {
    let gate = Gate()
    let engine = try engine(maxWaiting: 1) { $0.gate = { gate.wait() } }
    let arrived = Counter()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let stream = try await engine.generate(GenerationRequest(prompt: .text("x")))
          arrived.add()
          for try await _ in stream {}
        }
      }
      while arrived.value < 1 { await Task.yield() }
      for _ in 0..<200 { await Task.yield() }
      #expect(arrived.value == 1, "one waits inside, the others at the door")
      // One who gives up leaves the queue.
      let impatient = Task { try await engine.generate(GenerationRequest(prompt: .text("y"))) }
      await Task.yield()
      impatient.cancel()
      await #expect(throws: CancellationError.self) { try await impatient.value }
      gate.open()
      try await group.waitForAll()
    }
    #expect(arrived.value == 4)
  }

  @Test func aDroppedStreamCancelsItsRequest() async throws {
    let engine = try engine()
    for _ in 0..<5 {
      var sampling = SamplingParameters()
      (sampling.n, sampling.ignoreEOS) = (3, true)
      for try await _ in try await engine.generate(GenerationRequest(prompt: .text("drop"), sampling: sampling)) {
        break
      }
    }
    while engine.statistics.cancelledRequests + engine.statistics.finishedRequests < 5 { await Task.yield() }
    let after = try await ask(engine)
    #expect(after.reasons == [.length] || after.reasons == [.stop])
    #expect(engine.statistics.history.last?.statistics.runningSequences == 1, "nobody else runs")
    while engine.statistics.occupancy != Scheduler.Occupancy() { await Task.yield() }
  }

  @Test func shuttingDownEndsEverything() async throws {
    let gate = Gate()
    let engine = try engine(maxWaiting: 1) { $0.gate = { gate.wait() } }
    let under = try await engine.generate(GenerationRequest(prompt: .text("x")))
    let outside = Task { try await engine.generate(GenerationRequest(prompt: .text("y"))) }
    async let down: Void = engine.shutDown()
    await #expect(throws: GenerationError.self) { try await outside.value }
    gate.open()
    await down
    await #expect(throws: GenerationError.self) { for try await _ in under {} }
    await #expect(throws: GenerationError.self) { try await engine.generate(GenerationRequest(prompt: .text("z"))) }
    await engine.shutDown()
  }

  @Test func aModelThatKeepsFailingEndsItsRequestsWithTheReason() async throws {
    let engine = try engine { $0.failingSteps = [1, 2] }
    do {
      _ = try await ask(engine)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".contains("the cable is loose"))
    }
    #expect(try await ask(engine).texts.count == 1, "the next is served")
    #expect(engine.statistics.failedRequests == 1)
  }

  @Test func whatCanNeverBeServedIsRefusedAtOnce() async throws {
    var small = Self.settings
    small.blockCount = 6
    let engine = try engine(small)
    func refusal(_ prompt: GenerationRequest.Prompt, _ change: (inout SamplingParameters) -> Void = { _ in }) async
      -> String
    {
      var sampling = SamplingParameters()
      change(&sampling)
      do {
        _ = try await engine.generate(GenerationRequest(prompt: prompt, sampling: sampling))
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(await refusal(.text("")).contains("prompt is empty"))
    #expect(await refusal(.text(String(repeating: "x", count: 120))).contains("max_model_len"))
    #expect(await refusal(.text(String(repeating: "x", count: 60))).contains("KV budget"))
    #expect(await refusal(.text("x")) { $0.n = 0 } == "n must be 1 or more, not 0")
    #expect(await refusal(.text("x")) { ($0.n, $0.maxTokens) = (99, 1) }.contains("max_num_seqs"))
    #expect(await refusal(.tokens([999])).contains("tokens 0 to 299"))
    #expect(
      await refusal(.messages([.init(role: "user", content: "x")])).contains("fake has no chat template"))
    #expect(throws: GenerationError.self) {
      try self.engine(
        SchedulerConfiguration(
          policy: KVPolicy(batching: .paged), blockCount: 0, maxModelLength: 10))
    }
  }

  @Test func aFullContextEndsWithLength() async throws {
    let engine = try engine()
    let answer = try await ask(engine, String(repeating: "x", count: 110)) {
      ($0.maxTokens, $0.ignoreEOS) = (nil, true)
    }
    #expect(answer.ids[0].count == 10 && answer.reasons == [.length])
    let clamped = try await ask(engine, String(repeating: "x", count: 110)) {
      ($0.maxTokens, $0.ignoreEOS) = (50, true)
    }
    #expect(clamped.ids[0].count == 10 && clamped.reasons == [.length])
  }

  /// Gathers what several requests tell, and counts the steps in which they did.
  private final class Gatherer: GenerationSink {
    struct Told {
      var answers: [Int: Answer] = [:]
      var ends: [Int: GenerationError?] = [:]
      var steps = 0
      var eventsSinceStep = 0
      var emptySteps = 0
    }

    let told = Mutex(Told())
    private let awaited: Int
    private let over = DispatchSemaphore(value: 0)

    init(awaited: Int) { self.awaited = awaited }

    func take(_ event: GenerationEvent, of tag: Int) {
      told.withLock { told in
        told.answers[tag, default: Answer()].take(event)
        told.eventsSinceStep += 1
      }
    }

    func end(of tag: Int, _ error: GenerationError?) {
      let isLast = told.withLock { told in
        #expect(told.ends[tag] == nil, "a request ends once")
        told.ends[tag] = .some(error)
        told.eventsSinceStep += 1
        return told.ends.count == awaited
      }
      if isLast { over.signal() }
    }

    func stepEnded() {
      told.withLock { told in
        if told.eventsSinceStep > 0 { told.steps += 1 } else { told.emptySteps += 1 }
        told.eventsSinceStep = 0
      }
    }

    func wait() -> Told {
      over.wait()
      return told.withLock { $0 }
    }
  }

  private func request(
    _ text: String, _ change: (inout SamplingParameters) -> Void = { _ in }
  ) -> GenerationRequest {
    var sampling = SamplingParameters()
    (sampling.maxTokens, sampling.seed) = (20, 4)
    change(&sampling)
    return GenerationRequest(prompt: .text(text), sampling: sampling)
  }

  @Test func aSinkHearsWhatAStreamHearsAndIsWokenOnceAStep() async throws {
    let engine = try engine()
    let requests = [request("first") { $0.n = 3 }, request("second, and longer") { $0.ignoreEOS = true }]
    let sink = Gatherer(awaited: requests.count)
    #expect(try engine.submit(requests, to: sink) != nil)
    let told = sink.wait()
    for (tag, request) in requests.enumerated() {
      var answer = Answer()
      for try await event in try await engine.generate(request) { answer.take(event) }
      // The second time the prompt's blocks are found again.
      answer.usage[2] = 0
      #expect(told.answers[tag] == answer)
      #expect(told.ends[tag] == .some(nil))
    }
    #expect(told.steps + 1 >= told.answers[1]?.ids[0].count ?? .max, "every step that told something was ended")
    await engine.shutDown()
  }

  @Test func aSinkIsTakenInAtOnceOrNotAtAll() async throws {
    let gate = Gate()
    let engine = try engine(maxWaiting: 2) { $0.gate = { gate.wait() } }
    let both = Gatherer(awaited: 2)
    let ticket = try engine.submit([request("a") { $0.maxTokens = nil }, request("b")], to: both)
    #expect(ticket != nil)
    let late = Gatherer(awaited: 1)
    #expect(try engine.submit([request("c")], to: late) == nil, "no place is free")
    #expect(throws: GenerationError.self) {
      try engine.submit(Array(repeating: request("d"), count: 3), to: late)
    }
    gate.open()
    _ = both.wait()
    let stopped = Gatherer(awaited: 1)
    let endless = try engine.submit([request("e") { ($0.maxTokens, $0.ignoreEOS) = (nil, true) }], to: stopped)
    endless?.cancel()
    while engine.statistics.cancelledRequests + engine.statistics.finishedRequests < 3 { await Task.yield() }
    await engine.shutDown()
    #expect(throws: GenerationError.self) { try engine.submit([request("f")], to: late) }
    #expect(late.told.withLock { $0.ends.isEmpty })
  }

  @Test func aSinkHearsOfFailuresAndOfTheEnd() async throws {
    let gate = Gate()
    let engine = try engine {
      $0.failingSteps = [0, 1]
      $0.gate = { gate.wait() }
    }
    let sink = Gatherer(awaited: 1)
    _ = try engine.submit([request("x")], to: sink)
    gate.open()
    #expect("\(String(describing: sink.wait().ends[0]))".contains("the cable is loose"))
    let last = Gatherer(awaited: 1)
    _ = try engine.submit([request("y") { ($0.maxTokens, $0.ignoreEOS, $0.n) = (nil, true, 8) }], to: last)
    await engine.shutDown()
    #expect(last.told.withLock { $0.ends.count } == 1, "whatever it was, it ended")
  }
}
