import Generation
import GenerationClient
import Instrumentation
import Statistics
import Testing
import Workloads

/// Loads on a clock that only events move.
@Suite struct LoadRunnerTests {
  private static let millisecond: UInt64 = 1_000_000

  private func run(
    _ client: ScriptedClient, _ point: LoadPoint, _ requests: LoadRequests? = nil, seed: UInt64 = 7,
    admission: KVAdmission? = nil
  ) throws -> LoadResult {
    try LoadRunner(
      client: client, requests: requests ?? LoadFixtures.requests(), point: point, seed: seed, admission: admission
    ).run()
  }

  // MARK: Closed loops

  @Test func aClosedLoopKeepsSoManyUnderWay() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let result = try run(client, LoadFixtures.closed(4, requests: 100))
    #expect(client.mostInFlight == 4 && client.sent.count == 100)
    #expect(result.counts.scheduled == 100 && result.counts.completed == 100 && LoadFixtures.isWhole(result.counts))
    // Twenty-five rounds of 17 ms; the next is sent when one ends.
    #expect(result.wallSeconds == 0.425)
    #expect(client.sent.allSatisfy { $0.at == $0.intended })
    // The first ten arrivals warm up: the window begins with the third round. It ends when a worker finds none to begin.
    #expect(result.window == 34 * Self.millisecond..<425 * Self.millisecond)
    #expect(result.completedInWindow == 92 && result.outputTokens == 736)
    #expect(result.arrivedInWindow == 92 && result.e2e.count == 92 && result.requests.count == 92)
    #expect(result.e2e.minimum == 17 * Self.millisecond && result.e2e.maximum == 17 * Self.millisecond)
    #expect(result.ttft.quantile(0.5) == 10 * Self.millisecond && result.itl.count == 92 * 7)
    #expect(result.tpot.maximum == Self.millisecond && result.counting == .ids && result.remarks.isEmpty)
  }

  @Test func aClosedLoopThinks() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    var point = LoadFixtures.closed(1, requests: 10)
    point.thinking = .fixed(seconds: 0.003)
    _ = try run(client, point)
    #expect(zip(client.sent, client.sent.dropFirst()).allSatisfy { $1.at - $0.at == 20 * Self.millisecond })
    point.thinking = .exponential(mean: 0.003)
    let other = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    _ = try run(other, point)
    #expect(Set(zip(other.sent, other.sent.dropFirst()).map { $1.at - $0.at }).count == 9)
  }

  @Test func timeEndsAClosedLoop() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let result = try run(client, LoadFixtures.closed(3, seconds: 0.1))
    // Six rounds begin before 100 ms, and all that was begun ends.
    #expect(result.counts.scheduled == 18 && result.counts.completed == 18)
    #expect(result.window == 10 * Self.millisecond..<100 * Self.millisecond)
    #expect(result.completedInWindow == 15 && result.arrivedInWindow == 15)
    // Of the sixth round, from 85 ms on, six tokens of each have come by then: at 95, 96, … 100 ms. The very first of all
    // came as the window began.
    #expect(result.outputTokens == 3 * (5 * 8 + 6 - 1))
  }

  @Test func fewRequestsAreMeasuredWhole() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let result = try run(client, LoadFixtures.closed(8, requests: 20))
    #expect(result.window == 0..<51 * Self.millisecond && result.completedInWindow == 20)
    #expect(result.outputTokens == 160 && result.e2e.count == 20)
    #expect(result.remarks.contains { $0.contains("20 requests are less than 3 rounds of 8") })
  }

  // MARK: Open loops

  @Test func latencyCountsFromTheIntendedMoment() throws {
    // The server takes one after the other, 20 ms each, and they come every 10 ms.
    var free: UInt64 = 0
    let client = ScriptedClient { request, _, now in
      free = max(free, now) + 20 * Self.millisecond
      var answer = LoadFixtures.eight(request)
      answer.first = free - now - 7 * Self.millisecond
      return answer
    }
    let result = try run(client, LoadFixtures.open(.constant(rate: 100), requests: 100))
    #expect(client.sent.map(\.intended) == (0..<100).map { 5_000_000_000 + $0 * 10_000_000 })
    #expect(client.mostInFlight > 40, "nothing waits for an answer")
    #expect(result.e2e.maximum == 1010 * Self.millisecond)
    // Slow ones end behind the window, and count with it all the same.
    #expect(result.window == 100 * Self.millisecond..<990 * Self.millisecond)
    #expect(result.arrivedInWindow == 90 && result.e2e.count == 90 && result.completedInWindow == 44)
  }

  @Test func lateArrivalsCountAndLatencyHoldsThem() throws {
    let client = ScriptedClient { request, number, _ in
      var answer = LoadFixtures.eight(request)
      answer.lag = number % 4 == 0 ? 5 * Self.millisecond : 0
      return answer
    }
    let result = try run(client, LoadFixtures.open(.constant(rate: 100), requests: 100))
    #expect(result.counts.late == 25, "of the whole pass")
    #expect(result.lateInWindow == 22 && result.scheduleLag.count == 90, "of what is measured")
    #expect(
      result.scheduleLag.quantile(0.99) == 5 * Self.millisecond || result.scheduleLag.maximum == 5 * Self.millisecond)
    #expect(result.e2e.maximum == 22 * Self.millisecond && result.serviceE2E.maximum == 17 * Self.millisecond)
    #expect(result.ttft.maximum == 15 * Self.millisecond && result.serviceTTFT.maximum == 10 * Self.millisecond)
  }

  @Test func aSlowServerSkipsNoArrival() throws {
    let client = ScriptedClient { _, _, _ in ScriptedClient.Answer(end: .never, tokens: []) }
    var point = LoadFixtures.open(.poisson(rate: 200), seconds: 2)
    point.drainSeconds = 3
    let result = try run(client, point, seed: 11)
    let times = ArrivalProcess.poisson(rate: 200).times(before: 2, seed: 11)
    #expect(client.sent.map(\.intended) == times.map { 5_000_000_000 + UInt64($0 * 1e9) })
    #expect(result.counts.scheduled == times.count && result.counts.cancelled == times.count)
    #expect(result.counts.dropped == 0 && result.e2e.count == 0 && result.keptLevels == 0)
    #expect(result.remarks.contains { $0.hasPrefix("\(times.count) requests were cancelled") })
    // The drain is over three seconds behind the end.
    #expect(result.wallSeconds == 5)
    #expect(result.clientTimeline.last?.inFlight == 0 && result.clientTimeline.contains { $0.inFlight == times.count })
  }

  @Test func allAtOnceIsMeasuredWhole() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let result = try run(client, LoadFixtures.open(.poisson(rate: .infinity), requests: 50))
    #expect(client.mostInFlight == 50 && result.completedInWindow == 50 && result.outputTokens == 400)
    #expect(result.window == 0..<17 * Self.millisecond && result.e2e.count == 50)
    #expect(result.remarks.contains { $0.contains("throughputs are of the whole pass") })
    #expect(throws: EngineError.self) { try run(client, LoadFixtures.open(.poisson(rate: .infinity), seconds: 1)) }
  }

  @Test func aRecordingIsReplayedToItsEnd() throws {
    let times = [0, 0.001, 0.5, 0.5, 0.75]
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let result = try run(client, LoadFixtures.open(.recorded(times), requests: 9))
    #expect(client.sent.map(\.intended) == times.map { 5_000_000_000 + UInt64($0 * 1e9) })
    #expect(result.counts.scheduled == 5 && LoadFixtures.isWhole(result.counts))
  }

  // MARK: Several outputs

  @Test func choicesAreTimedByThemselves() throws {
    let client = ScriptedClient { _, _, _ in ScriptedClient.Answer(tokens: [8, 3, 5]) }
    var point = LoadFixtures.closed(1, requests: 20, n: 3)
    point.warmup = 0
    let result = try run(client, point)
    #expect(result.finishSkew.minimum == 5 * Self.millisecond && result.finishSkew.maximum == 5 * Self.millisecond)
    #expect(result.skewByIndex.map(\.maximum) == [5_000_000, 0, 2_000_000])
    #expect(result.ttft.count == 60 && result.itl.count == 20 * 13 && result.outputTokens == 20 * 16)
  }

  @Test func splitOutputsAreOneRequest() throws {
    let client = ScriptedClient { _, number, _ in
      ScriptedClient.Answer(first: UInt64(10 + number % 3) * Self.millisecond, tokens: [5], promptTokens: 16)
    }
    var point = LoadFixtures.closed(2, requests: 12, n: 3)
    point.splitsOutputs = true
    point.warmup = 0
    var shape = RequestShape()
    shape.sampling.seed = 9
    let requests = try LoadFixtures.requests(
      RequestSource(kind: .drawn(prompt: .fixed(16), output: .fixed(8)), name: "d"), shape)
    let result = try run(client, point, requests)
    #expect(client.sent.count == 36 && client.sent.allSatisfy { $0.request.sampling.n == 1 })
    #expect(result.counts.scheduled == 12 && result.counts.completed == 12 && result.e2e.count == 12)
    #expect(result.e2e.maximum == 16 * Self.millisecond && result.finishSkew.maximum == 2 * Self.millisecond)
    #expect(result.outputTokens == 12 * 15 && result.promptTokens == 12 * 48)
    // The parts are of one prompt, draw differently, and go out at once.
    for first in stride(from: 0, to: 36, by: 3) {
      let parts = client.sent[first..<first + 3]
      #expect(Set(parts.map(\.at)).count == 1 && parts.allSatisfy { $0.request.prompt == parts[first].request.prompt })
      #expect(Set(parts.compactMap(\.request.sampling.seed)).count == 3)
    }
  }

  @Test func onePartThatFailsFailsTheRequest() throws {
    let client = ScriptedClient { request, number, _ in
      number == 4
        ? ScriptedClient.Answer(end: .failed(RequestFailure(.reset, "it went away")), tokens: [])
        : LoadFixtures.eight(request)
    }
    var point = LoadFixtures.closed(1, requests: 5, n: 3)
    point.splitsOutputs = true
    let result = try run(client, point)
    #expect(result.counts.completed == 4 && result.counts.failed == 1 && result.counts.failures == ["reset": 1])
  }

  // MARK: Service levels

  @Test func goodputCountsThoseThatKeepAllLevels() throws {
    let client = ScriptedClient { _, number, _ in
      number % 5 == 0
        ? ScriptedClient.Answer(first: 60 * Self.millisecond, tokens: [8])
        : number % 5 == 1
          ? ScriptedClient.Answer(gap: 3 * Self.millisecond, tokens: [8]) : ScriptedClient.Answer(tokens: [8])
    }
    var point = LoadFixtures.open(.constant(rate: 10), requests: 101)
    point.warmup = 0
    for (levels, good) in [
      (ServiceLevels(), 1.0), (ServiceLevels(ttft: 0.05), 0.8), (ServiceLevels(itl: 0.002), 0.8),
      (ServiceLevels(tpot: 0.002), 0.8), (ServiceLevels(ttft: 0.05, itl: 0.002), 0.6), (ServiceLevels(e2e: 0.02), 0.6),
      (ServiceLevels(ttft: 0.010), 0.8), (ServiceLevels(ttft: 0.0099), 0),
    ] {
      point.levels = levels
      let result = try run(client, point)
      #expect(result.completedInWindow == 100 && result.goodInWindow == Int(100 * good), "\(levels)")
      #expect(result.arrivedInWindow == 101 && abs(Double(result.keptLevels) / 101 - good) < 0.011, "\(levels)")
      #expect(result.sweepMeasurement == .init(kept: result.keptLevels, requests: 101))
    }
  }

  // MARK: Admission

  @Test func heldRequestsKeepTheirIntendedMoment() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    // Each comes to 16 + 8 - 1 slots: two blocks of 16. Ten blocks hold five of them.
    let forecast = KVForecast(blockSize: 16, blockCount: 10, sharing: .none)
    var point = LoadFixtures.open(.constant(rate: 10_000), requests: 40)
    point.levels.e2e = 0.04
    let result = try run(client, point, admission: KVAdmission(forecast: forecast, ceiling: 1))
    // The next go out when others are about to end.
    #expect((5...8).contains(client.mostInFlight))
    #expect(result.counts.completed == 40)
    #expect(result.heldBack.count == 35 && result.counts.late == 0 && result.scheduleLag.maximum == 0)
    // The last go out when seven rounds of five are over.
    #expect(result.e2e.maximum == 132_500_000)
    #expect(result.serviceE2E.maximum == 17 * Self.millisecond)
    #expect(
      zip(client.sent, client.sent.dropFirst()).allSatisfy { $0.intended <= $1.intended }, "first come, first served")
  }

  @Test func whatNeverFitsIsSentAlone() throws {
    let client = ScriptedClient { request, _, _ in LoadFixtures.eight(request) }
    let forecast = KVForecast(blockSize: 16, blockCount: 1, sharing: .none)
    let result = try run(
      client, LoadFixtures.closed(4, requests: 12), admission: KVAdmission(forecast: forecast, ceiling: 0.5))
    #expect(client.mostInFlight == 1 && result.counts.completed == 12)
  }

  // MARK: Stopping by precision

  @Test func aNarrowIntervalEndsTheLoad() throws {
    func answers(_ spread: UInt64) -> ScriptedClient {
      var random = SplitMix64(seed: 3)
      return ScriptedClient { request, _, _ in
        var answer = LoadFixtures.eight(request)
        answer.first += random.next() % spread
        return answer
      }
    }
    var point = LoadFixtures.closed(4, requests: 100_000)
    point.stop.precision = 0.02
    let calm = try run(answers(Self.millisecond), point)
    let wild = try run(answers(100 * Self.millisecond), point)
    // With those that were under way at the first check.
    #expect((200...204).contains(calm.requests.count) && calm.counts.scheduled < 310)
    #expect(wild.requests.count > 1000 && wild.counts.scheduled < 20_000, "\(wild.requests.count)")
    for result in [calm, wild] { #expect(LoadFixtures.isWhole(result.counts) && result.counts.dropped == 0) }
    point.stop.metric = .tpot
    #expect(try run(answers(100 * Self.millisecond), point).requests.count <= 204)
    // Loads that never end are refused; one that only its precision ends is none.
    point.stop.requests = nil
    #expect(try run(answers(Self.millisecond), point).counts.scheduled < 500)
  }
}
