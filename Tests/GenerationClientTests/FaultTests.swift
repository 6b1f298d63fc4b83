import Generation
import GenerationClient
import HTTP
import TestFixtures
import Testing

@Suite struct FaultTests {
  static func failure(_ outcome: RequestOutcome) -> RequestFailure? {
    guard case .failed(let failure) = outcome.status else { return nil }
    return failure
  }

  /// What a server does, and what the client calls it.
  @Test(arguments: [
    ([FaultServer.Step.reset], RequestFailure.Kind.reset, "Recv failure: Connection reset by peer"),
    ([.close], .reset, "Empty reply from server"),
    (
      [.streamHead, .event(Chunk.text("a", ids: [1])), .close], .truncated,
      "transfer closed with outstanding read data remaining"
    ),
    ([.streamHead, .stall], .timeout, "no token came within 0.9 s"),
    ([.stall], .timeout, "no token came within 0.9 s"),
    ([.streamHead, .event(Chunk.text("a", ids: [1])), .stall], .stalled, "nothing came for 0.6 s"),
    (Chunk.stream([Chunk.text("a", ids: [1])]), .truncated, "the stream ended before every output had"),
    (Chunk.stream([]), .truncated, "the stream ended before every output had"),
    (
      Chunk.stream([Chunk.text("a", ids: [1]), #"{"choices":[{"text":"#, Chunk.text("b", finish: "stop")]), .malformed,
      "an event of the stream is no JSON that was agreed: byte 20: the JSON text ends before its value does"
    ),
    (
      Chunk.stream([Chunk.text("a", index: 7)]), .malformed, "a chunk is of output 7, and 1 were asked for"
    ),
    (
      Chunk.stream([Chunk.text("a", ids: [1]), #"{"error":{"message":"out of memory","code":500}}"#]), .stream,
      "the server says: out of memory"
    ),
    ([.streamHead, .chunk("error: {\"error\":\"no\"}\n\n"), .streamEnd], .stream, "the server says: no"),
    (
      [.answer(type: "text/html", "<html>")], .malformed,
      "the answer's content type is 'text/html' instead of text/event-stream or application/json"
    ),
    ([.answer("{}")], .truncated, "the answer does not hold every output"),
    ([.answer("[1]")], .malformed, "the answer is no JSON that was agreed: byte 0: an object belongs here"),
    ([.answer("")], .truncated, "the server answered 200 without a body"),
    ([.send("what?\n"), .close], .malformed, "Received HTTP/0.9 when not allowed"),
    (
      [.answer(status: 400, #"{"error":{"message":"n must be at least 1","code":400}}"#)], .http,
      "HTTP status 400: n must be at least 1"
    ),
    (
      [.answer(status: 500, type: "text/plain", "Internal Server Error")], .http,
      "HTTP status 500: Internal Server Error"
    ),
    (
      [.answer(status: 400, #"{"detail":"Invalid value: Model 'x' not found"}"#)], .http,
      "HTTP status 400: Invalid value"
    ),
    (
      [.answer(status: 400, #"{"error":{"detail":{"errors":[{"loc":["body","messages"],"msg":"Field required"}]}}}"#)],
      .http, #"HTTP status 400: {"error":{"detail":{"errors":[{"loc":["body","messages"],"msg":"Field required"}]}}}"#
    ),
    ([.answer(status: 503, "")], .http, "HTTP status 503"),
    ([.answer(status: 302, headers: ["Location: http://127.0.0.1:1/"], "")], .http, "HTTP status 302"),
  ])
  func callsEachFaultByItsName(steps: [FaultServer.Step], kind: RequestFailure.Kind, description: String) throws {
    let server = try FaultServer { _, _ in steps }
    // Only what a server leaves undone is waited for briefly: what it does may take a busy machine a while.
    let fixture = try ClientFixture(server) { options in
      if kind == .timeout { options.firstTokenTimeout = 0.9 }
      if kind == .stalled { options.silenceTimeout = 0.6 }
    }
    let outcome = try fixture.outcome()
    let failure = try #require(Self.failure(outcome))
    #expect(failure.kind == kind && failure.description.hasPrefix(description), "\(failure)")
    #expect(outcome.attempts == 1 && server.requests.count == 1)
    if kind == .http { #expect(failure.description.contains("\(failure.httpStatus ?? 0)")) }
    // The client is fit for the next request.
    server.become { _, _ in Chunk.good }
    #expect(try fixture.outcome().status == .completed)
  }

  @Test func callsARefusedConnectionSo() throws {
    let server = try FaultServer { _, _ in Chunk.good }
    server.die()
    let outcome = try ClientFixture(server, attempts: 3).outcome()
    #expect(Self.failure(outcome)?.kind == .refused && outcome.attempts == 3 && outcome.sent != nil)
  }

  @Test func endsAtTheLimitOfAllAttempts() throws {
    let server = try FaultServer { _, _ in [.answer(status: 503, "")] }
    let fixture = try ClientFixture(server, attempts: 1_000) { options in
      options.requestTimeout = 0.05
      options.retries.longest = 0.01
    }
    let failure = try #require(Self.failure(try fixture.outcome()))
    #expect(failure.kind == .timeout && failure.description.hasPrefix("the answer was not whole after 0.05 s"))
  }

  @Test func readsStreamsSplitAnywhere() throws {
    let body =
      ": hello\r\n\r\ndata: \(Chunk.text("é\u{1F600}", ids: [1]))\r\n\r\ndata: \(Chunk.text("ü", ids: [2], finish: "stop"))\n\n"
      + "data: [DONE]\n\n"
    let server = try FaultServer { _, _ in
      [
        .send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: \(body.utf8.count)\r\n\r\n"),
        .sendSingly(Array(body.utf8)),
      ]
    }
    let outcome = try ClientFixture(server).outcome()
    #expect(outcome.status == .completed && outcome.choices[0].text == "é\u{1F600}ü" && outcome.choices[0].tokens == 2)
  }

  @Test func asksAgainUntilAnAnswerComes() throws {
    let server = try FaultServer { _, number in
      switch number {
      // On a connection that had been used before, libcurl would try once more by itself.
      case 0: [.reset]
      case 1: [.answer(status: 429, headers: ["Retry-After: 0"], "")]
      case 2: [.answer(status: 503, headers: ["Retry-After: Thu, 01 Jan 1970 00:00:09 GMT"], "")]
      case 3: [.answer(status: 500, "oops")]
      default: Chunk.good
      }
    }
    let outcome = try ClientFixture(server, attempts: 5, date: 10).outcome()
    #expect(outcome.status == .completed && outcome.attempts == 5 && outcome.outputTokens == 3)
    let bodies = Set(server.requests.map(\.body))
    #expect(bodies.count == 1)
  }

  @Test func waitsNoLongerThanItMay() throws {
    let server = try FaultServer { _, _ in [.answer(status: 429, headers: ["Retry-After: 3600"], "")] }
    let outcome = try ClientFixture(server, attempts: 5).outcome()
    #expect(outcome.attempts == 1 && Self.failure(outcome)?.httpStatus == 429)
  }

  @Test(arguments: [
    [FaultServer.Step.streamHead, .event(Chunk.text("a", ids: [1])), .reset],
    [.streamHead, .event(Chunk.text("a", ids: [1])), .event(#"{"error":{"message":"x"}}"#), .streamEnd],
    [.answer(status: 400, "")], [.answer(status: 404, "")],
  ])
  func asksNotAgainForWhatCanOnlyFailOrHasBegun(steps: [FaultServer.Step]) throws {
    let server = try FaultServer { _, _ in steps }
    let outcome = try ClientFixture(server, attempts: 5).outcome()
    #expect(outcome.attempts == 1 && server.requests.count == 1 && Self.failure(outcome) != nil)
  }

  @Test func showsNoKey() throws {
    let key = try APIKey(variable: "OPENAI_API_KEY", environment: ["OPENAI_API_KEY": "sk-very-secret"])
    let server = try FaultServer { request, number in
      let sent = request.field("authorization") ?? "none"
      let message = #"{"error":{"message":"Incorrect API key: \#(sent)"}}"#
      return number == 0 ? [.answer(status: 401, message)] : Chunk.stream([message])
    }
    let fixture = try ClientFixture(server, preset: "openai", key: key)
    for _ in 0..<2 {
      let failure = try #require(Self.failure(try fixture.outcome()))
      #expect(failure.description.hasSuffix("Incorrect API key: Bearer [API key]"))
    }
    #expect(server.requests[0].field("authorization") == "Bearer sk-very-secret")
  }

  @Test func cancels() throws {
    let server = try FaultServer { _, _ in [.streamHead, .event(Chunk.text("a", ids: [1])), .stall] }
    let fixture = try ClientFixture(server)
    var outcomes: [RequestOutcome] = []
    var requests: [RequestInFlight] = []
    for index in 0..<3 {
      requests.append(
        fixture.client.send(ClientFixture.request(), intended: 0) { progress in
          // One from its own callback, one from another's.
          if index == 1 { fixture.client.cancel(requests[1]) }
          if index == 1 { fixture.client.cancel(requests[2]) }
        } finished: {
          outcomes.append($0)
        })
    }
    // One before anything was sent, and twice.
    fixture.client.cancel(requests[0])
    fixture.client.cancel(requests[0])
    try fixture.loop.run { outcomes.count == 3 }
    #expect(outcomes.allSatisfy { $0.status == .cancelled })
    #expect(fixture.loop.running == 0)
  }

  /// Whatever a server does, every request is accounted for.
  @Test func accountsForEveryRequest() throws {
    let seed = Fuzz.seed()
    let server = try FaultServer { _, number in
      var random = SeededRandom(seed &+ UInt64(number))
      let token = FaultServer.Step.event(Chunk.text("a", ids: [1]))
      let faults: [[FaultServer.Step]] = [
        Chunk.good, Chunk.good, [.reset], [.streamHead, token, .reset], [.streamHead, token, .close],
        [.streamHead, token, .stall],
        [.answer(status: 429, headers: ["Retry-After: 0"], "")], [.answer(status: 500, "")], [.answer(status: 400, "")],
        [.answer(type: "text/html", "")], Chunk.stream([#"{"error":"x"}"#]), Chunk.stream(["{"]),
        [.send("garbage"), .close],
        [.streamHead, .send("zzz\r\n"), .close], [.answer("{}")],
      ]
      return faults.randomElement(using: &random)!
    }
    let fixture = try ClientFixture(server, attempts: 2) { $0.silenceTimeout = 0.05 }
    var counts: [String: Int] = [:]
    var inFlight: [RequestInFlight] = []
    var ended = 0
    for number in 0..<300 {
      inFlight.append(
        fixture.client.send(ClientFixture.request(keepsText: false), intended: fixture.loop.now) { outcome in
          ended += 1
          switch outcome.status {
          case .completed: counts["completed", default: 0] += 1
          case .failed(let failure): counts[failure.kind.rawValue, default: 0] += 1
          case .cancelled: counts["cancelled", default: 0] += 1
          }
        })
      if number % 10 == 9 { fixture.client.cancel(inFlight[number - 5]) }
      // The server is killed on the way and comes back.
      if number == 150 { server.die() }
      if number == 200 { try server.revive() }
      try fixture.loop.run { ended > number - 20 }
    }
    try fixture.loop.run { ended == 300 }
    #expect(counts.values.reduce(0, +) == 300, "seed \(seed)")
    for kind in ["completed", "cancelled", "refused", "http", "malformed", "stalled", "stream"] {
      #expect(counts[kind, default: 0] > 0, "seed \(seed): no \(kind) in \(counts)")
    }
    #expect(fixture.loop.running == 0)
  }
}
