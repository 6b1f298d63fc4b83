internal import Generation
package import GenerationClient
internal import HTTP
internal import Instrumentation
internal import Statistics

/// Measures the client that measures servers, against the null server over loopback.
package struct Calibration: Sendable {
  /// Seconds of each of the five steps.
  package var seconds: Double
  /// Streams that are open at once where streams are what is measured.
  package var streams: Int
  package var endpoint: ClientRequest.Endpoint
  package var seed: UInt64

  package init(
    seconds: Double = 3, streams: Int = 1000, endpoint: ClientRequest.Endpoint = .completions, seed: UInt64 = 1
  ) {
    self.seconds = seconds
    self.streams = streams
    self.endpoint = endpoint
    self.seed = seed
  }

  private static let promptTokens = 32
  /// Of the answers that load a client as servers do: with 1 000 of them open, 2 000 requests a second are 20 000 tokens.
  private static let fewTokens = 10
  private static let manyTokens = 100
  /// So many that a request is always there to be read, and so few that sockets do not count.
  private static let requestsAtOnce = 32

  /// Runs all steps, on the calling thread.
  ///
  /// - Parameter note: told of each step before it begins.
  /// - Throws: what the null server throws if it cannot listen, and the client's loop if it cannot wait.
  package func run(note: (String) -> Void = { _ in }) throws -> CalibrationResult {
    func step(
      _ name: String, _ pattern: LoadPoint.Pattern, tokens: Int, pace: Double? = nil
    ) throws -> CalibrationResult.Step {
      note(name)
      return try measure(name, pattern, tokens: tokens, pace: pace)
    }
    let floor = try step("one request at a time", .closed(concurrency: 1), tokens: 1)
    let requests = try step("requests of one token", .closed(concurrency: Self.requestsAtOnce), tokens: 1)
    let many = try step("streams of \(Self.manyTokens) tokens", .closed(concurrency: streams), tokens: Self.manyTokens)
    let sustained = try step(
      "streams of \(Self.fewTokens) tokens", .closed(concurrency: streams), tokens: Self.fewTokens)
    let rate = max(1, sustained.requestsPerSecond / 2)
    // A stream that lasts so long keeps as many open as before.
    let pace = Double(Self.fewTokens - 1) * rate / Double(streams)
    let half = try step(
      "half of that, on a schedule", .open(.poisson(rate: rate)), tokens: Self.fewTokens, pace: pace)
    return CalibrationResult(
      floor: floor, requests: requests, streams: many, half: half, sustained: sustained, openStreams: streams)
  }

  private func measure(
    _ name: String, _ pattern: LoadPoint.Pattern, tokens: Int, pace: Double?
  ) throws -> CalibrationResult.Step {
    let server = try NullServer(tokensPerSecond: pace, maxConnections: 2 * streams + Self.spareConnections)
    defer { server.stop() }
    var shape = RequestShape()
    shape.endpoint = endpoint
    let requests = try LoadRequests(
      RequestSource(kind: .drawn(prompt: .fixed(Self.promptTokens), output: .fixed(tokens)), name: "null"), shape,
      seed: seed,
      LoadRequests.Reading(
        count: nil, limit: Self.promptTokens + tokens, tokenizer: nil, path: { $0 }, texts: { _ in [] }))
    let profile = try ServerProfile(url: server.url, preset: "vllm")
    let client = CompletionClient(server: profile, model: nil, key: nil, loop: try TransferLoop())
    var point = LoadPoint(pattern: pattern, stop: LoadPoint.Stop(seconds: seconds))
    point.warmup = Self.warmup
    let result = try LoadRunner(
      client: CompletionLoadClient(client), requests: requests, point: point, seed: seed
    ).run()
    return CalibrationResult.Step(
      name, result, isOpen: pattern.isOpen, tokens: tokens, serverDelay: Double(server.statistics.worstDelay) / 1e9)
  }

  /// Connections of requests that a schedule piles up.
  private static let spareConnections = 2000
  /// Share of a step in which connections are made.
  private static let warmup = 0.25
}

extension LoadPoint.Pattern {
  fileprivate var isOpen: Bool { if case .open = self { true } else { false } }
}

extension CalibrationResult.Step {
  init(_ name: String, _ result: LoadResult, isOpen: Bool, tokens: Int, serverDelay: Double) {
    let seconds = max(1e-9, Double(result.window.count) / 1e9)
    func quantile(_ histogram: Histogram, _ q: Double) -> Double? { histogram.quantile(q).map { Double($0) / 1e9 } }
    self.name = name
    self.tokens = tokens
    requestsPerSecond = Double(result.completedInWindow) / seconds
    tokensPerSecond = Double(result.outputTokens) / seconds
    streams = result.clientTimeline.map(\.inFlight).max() ?? 0
    ttftP50 = quantile(result.ttft, 0.5)
    ttftP99 = quantile(result.ttft, 0.99)
    e2eP50 = quantile(result.e2e, 0.5)
    e2eP99 = quantile(result.e2e, 0.99)
    lagP99 = isOpen ? quantile(result.scheduleLag, 0.99) : nil
    lateShare = isOpen ? Double(result.lateInWindow) / Double(max(1, result.scheduleLag.count)) : 0
    busyShare = result.clientCPUSeconds / max(1e-9, result.wallSeconds)
    cpuPerRequest = result.clientCPUSeconds / Double(max(1, result.counts.completed))
    self.serverDelay = serverDelay
    failed = result.counts.failed
    // Whether the schedule was kept, and nothing else: no server's latency is measured, and how busy the client was stands
    // beside it.
    let conduct = ClientVerdict.Conduct(
      scheduled: Int(result.scheduleLag.count), late: result.lateInWindow, lagP99: lagP99, ttftP50: nil, busyShare: nil)
    doubts = isOpen ? ClientVerdict.doubts(conduct) : []
  }
}
