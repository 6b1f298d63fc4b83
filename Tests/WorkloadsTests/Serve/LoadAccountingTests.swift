import Generation
import GenerationClient
import Instrumentation
import Statistics
import Testing
import Workloads

/// Whatever becomes of them: completed + failed + cancelled = scheduled.
@Suite struct LoadAccountingTests {
  private static let kinds = RequestFailure.Kind.allCases

  private static func failure(_ random: inout SplitMix64) -> RequestFailure {
    let kind = kinds[Int(random.next() % UInt64(kinds.count))]
    let statuses = [401, 404, 429, 500, 503]
    return RequestFailure(
      kind, "scripted", httpStatus: kind == .http ? statuses[Int(random.next() % UInt64(statuses.count))] : nil)
  }

  /// A server with a temper: how often it fails, falls silent, or is late, is drawn too.
  private static func server(_ random: inout SplitMix64) -> ScriptedClient {
    var dice = SplitMix64(seed: random.next())
    let failing = [0, 5, 50, 100][Int(random.next() % 4)] as UInt64
    let silent = [0, 0, 3, 100][Int(random.next() % 4)] as UInt64
    let outage = random.next() % 3 == 0 ? 5_200_000_000..<(5_200_000_000 + random.next() % 2_000_000_000) : nil
    return ScriptedClient { request, _, now in
      var answer = ScriptedClient.Answer(
        first: dice.next() % 40_000_000, gap: dice.next() % 3_000_000,
        tokens: (0..<request.sampling.n).map { _ in Int(dice.next() % 9) }, lag: dice.next() % 3 == 0 ? 2_000_000 : 0)
      answer.promptTokens = dice.next() % 2 == 0 ? 16 : nil
      answer.attempts = 1 + Int(dice.next() % 2)
      if outage?.contains(now) == true {
        answer.end = .failed(RequestFailure(.refused, "nobody listens"))
      } else if dice.next() % 100 < silent {
        answer.end = .never
      } else if dice.next() % 100 < failing {
        answer.end = .failed(failure(&dice))
      }
      return answer
    }
  }

  private static func point(_ random: inout SplitMix64) -> LoadPoint {
    func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }
    let pattern: LoadPoint.Pattern = pick([
      .closed(concurrency: 1), .closed(concurrency: 7), .open(.constant(rate: 300)), .open(.poisson(rate: 200)),
      .open(.gamma(rate: 100, burstiness: 0.3)), .open(.ramp(from: 1, to: 400, seconds: 1)),
      .open(.recorded((0..<200).map { Double($0) / 150 })),
    ])
    var point = LoadPoint(pattern: pattern, n: pick([1, 1, 3]), stop: .init())
    switch random.next() % 4 {
    case 0: point.stop.requests = Int(random.next() % 300) + 1
    case 1: point.stop.seconds = Double(random.next() % 2000) / 1000 + 0.01
    case 2: point.stop = .init(requests: Int(random.next() % 300) + 1, seconds: 0.7)
    default: point.stop = .init(requests: 2000, precision: 0.2)
    }
    point.splitsOutputs = random.next() % 2 == 0
    point.warmup = pick([0, 0.1, 0.5])
    point.cutsDrain = random.next() % 4 != 0
    point.drainSeconds = pick([0, 0.03, 5])
    point.patienceSeconds = pick([0.3, 60])
    point.thinking = pick([.none, .fixed(seconds: 0.01), .exponential(mean: 0.005)])
    return point
  }

  @Test(arguments: 0..<400) func everyRequestIsAccountedFor(case number: Int) throws {
    let seed = 0xACC0_0000 + UInt64(number)
    var random = SplitMix64(seed: seed)
    let client = Self.server(&random)
    let point = Self.point(&random)
    let requests =
      random.next() % 2 == 0
      ? try LoadFixtures.requests()
      : try LoadFixtures.sessions(turns: .uniform(1...4), thinking: .exponential(mean: 0.02), seed: seed)
    let admission =
      random.next() % 3 == 0
      ? KVAdmission(forecast: KVForecast(blockSize: 16, blockCount: 12, sharing: .copyOnWrite), ceiling: 0.9) : nil
    let result = try LoadRunner(
      client: client, requests: requests, point: point, seed: seed, admission: admission
    ).run()
    let counts = result.counts
    let words = "seed \(seed): \(counts), \(point)"
    #expect(LoadFixtures.isWhole(counts), "\(words)")
    #expect(client.inFlight == 0, "\(words)")
    #expect(counts.dropped <= counts.cancelled && counts.timedOut <= counts.failed, "\(words)")
    #expect(counts.failures.values.reduce(0, +) == counts.failed, "\(words)")
    let parts = point.splitsOutputs ? point.n : 1
    #expect(client.sent.count == (counts.scheduled - counts.dropped) * parts, "\(words)")
    // What is asked for by number is scheduled by number, unless time or precision ended it, or a trace.
    if let wanted = point.stop.requests {
      #expect(counts.scheduled <= wanted, "\(words)")
      if point.stop.seconds == nil, point.stop.precision == nil, point.pattern != .open(.recorded(Self.recording)) {
        #expect(counts.scheduled == wanted, "\(words)")
      }
    }
    // In the window there is no more than in the whole, and the timeline holds all.
    #expect(result.keptLevels <= result.arrivedInWindow && result.goodInWindow <= result.completedInWindow, "\(words)")
    #expect(result.completedInWindow <= counts.completed && result.requests.count <= counts.completed, "\(words)")
    #expect(result.window.upperBound <= UInt64(result.wallSeconds * 1e9 + 1), "\(words)")
    #expect(result.clientTimeline.last.map { $0.inFlight == 0 } ?? true, "\(words)")
    #expect(result.outputTokens <= result.clientTimeline.last?.tokens ?? 0, "\(words)")
    // The same seed gives the same run.
    var again = SplitMix64(seed: seed)
    let twin = Self.server(&again)
    _ = Self.point(&again)
    let second = try LoadRunner(client: twin, requests: requests, point: point, seed: seed, admission: admission).run()
    #expect(second.counts == counts && second.e2e == result.e2e && second.window == result.window, "\(words)")
  }

  private static let recording = (0..<200).map { Double($0) / 150 }

  @Test func aServerThatIsNotThereEndsTheRun() throws {
    for (point, scheduled) in [
      (LoadFixtures.closed(4, requests: 1000), 1000), (LoadFixtures.open(.constant(rate: 100), requests: 1000), 1000),
      (LoadFixtures.open(.constant(rate: 100), seconds: 20), 2000),
    ] {
      let client = ScriptedClient { _, _, _ in
        ScriptedClient.Answer(
          end: .failed(RequestFailure(.refused, "http://127.0.0.1:9/v1 refuses connections")), first: 100_000,
          tokens: [])
      }
      let result = try LoadRunner(client: client, requests: LoadFixtures.requests(), point: point, seed: 1).run()
      #expect(result.counts.scheduled == scheduled && LoadFixtures.isWhole(result.counts))
      #expect(client.sent.count < 20 && result.counts.dropped == scheduled - client.sent.count)
      #expect(
        result.abandoned
          == "the first 8 requests all failed, the last of them so: http://127.0.0.1:9/v1 refuses connections")
      #expect(result.wallSeconds < 1)
    }
  }

  @Test(arguments: [401, 404, 422]) func aServerThatTakesNothingEndsTheRun(status: Int) throws {
    let client = ScriptedClient { _, _, _ in
      ScriptedClient.Answer(end: .failed(RequestFailure(.http, "no", httpStatus: status)), tokens: [])
    }
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.requests(), point: LoadFixtures.closed(2, requests: 500), seed: 1
    ).run()
    #expect(result.abandoned != nil && result.counts.failures == ["http \(status)": result.counts.failed])
  }

  @Test(arguments: [429, 503]) func aServerThatIsFullDoesNot(status: Int) throws {
    // Busy for a second, as one that loads its model.
    let client = ScriptedClient { request, _, now in
      now < 6_000_000_000
        ? ScriptedClient.Answer(end: .failed(RequestFailure(.http, "later", httpStatus: status)), tokens: [])
        : LoadFixtures.eight(request)
    }
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.requests(), point: LoadFixtures.closed(2, requests: 500), seed: 1
    ).run()
    #expect(result.abandoned == nil && result.counts.completed > 480)
    #expect(result.counts.failed < 20, "a failure makes a loop wait")
  }

  @Test func aServerThatComesBackIsGoneOnWith() throws {
    // Killed at 0.5 s: what is under way is reset, and nobody listens until 3.5 s.
    let client = ScriptedClient { request, _, now in
      var answer = LoadFixtures.eight(request)
      if (5_490_000_000..<5_500_000_000).contains(now) {
        answer.end = .failed(RequestFailure(.reset, "the connection was reset"))
      } else if (5_500_000_000..<8_500_000_000).contains(now) {
        answer.end = .failed(RequestFailure(.refused, "refused"))
        answer.first = 50_000
      }
      return answer
    }
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.requests(), point: LoadFixtures.closed(4, seconds: 6), seed: 1
    ).run()
    #expect(result.abandoned == nil && LoadFixtures.isWhole(result.counts))
    #expect(Set(result.counts.failures.keys).isSubset(of: ["reset", "refused"]) && result.counts.failed > 4)
    #expect(result.counts.failed < 40, "three seconds of 4 workers that wait up to 1.28 s")
    #expect(result.counts.completed > 400)
    // One that stays away is given up.
    var point = LoadFixtures.closed(4, seconds: 600)
    point.patienceSeconds = 10
    let gone = ScriptedClient { request, _, now in
      now < 6_000_000_000
        ? LoadFixtures.eight(request)
        : ScriptedClient.Answer(end: .failed(RequestFailure(.refused, "refused")), first: 50_000, tokens: [])
    }
    let lost = try LoadRunner(client: gone, requests: LoadFixtures.requests(), point: point, seed: 1).run()
    #expect(lost.abandoned?.hasPrefix("nothing has succeeded for 1") == true && lost.wallSeconds < 20)
    #expect(LoadFixtures.isWhole(lost.counts))
  }
}
