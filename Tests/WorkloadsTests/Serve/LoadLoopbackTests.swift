import Foundation
import GenerationClient
import HTTP
import Instrumentation
import Statistics
import Testing
import Workloads

/// The driver on the real client, over loopback.
@Suite struct LoadLoopbackTests {
  private func client(_ url: String) throws -> (CompletionLoadClient, CompletionClient) {
    var options = ClientOptions()
    options.retries.attempts = 1
    let client = CompletionClient(
      server: try ServerProfile(url: "\(url)/v1", preset: "vllm"), model: "null", key: nil, options: options,
      loop: try TransferLoop())
    return (CompletionLoadClient(client), client)
  }

  private func run(_ url: String, _ point: LoadPoint) throws -> LoadResult {
    try LoadRunner(client: client(url).0, requests: LoadFixtures.requests(), point: point, seed: 3).run()
  }

  @Test func everyTokenIsCounted() throws {
    let server = try NullServer()
    defer { server.stop() }
    for n in [1, 3] {
      let closed = try run(server.url, LoadFixtures.closed(8, requests: 200, n: n))
      #expect(closed.counts.completed == 200 && closed.counts.scheduled == 200, "\(closed.counts)")
      #expect(closed.clientTimeline.last?.tokens == 200 * 8 * n)
      #expect(closed.requests.allSatisfy { $0.outputTokens == UInt32(8 * n) && $0.ttft <= $0.e2e && $0.ttft > 0 })
      #expect(closed.counting != .chunks && closed.skewByIndex.count == (n > 1 ? n : 0))
      #expect(closed.clientCPUSeconds > 0 && closed.wallSeconds > 0)
    }
    var split = LoadFixtures.closed(8, requests: 100, n: 3)
    split.splitsOutputs = true
    #expect(try run(server.url, split).clientTimeline.last?.tokens == 2400)
    let open = try run(server.url, LoadFixtures.open(.poisson(rate: 1000), requests: 300))
    #expect(open.counts.completed == 300 && open.counts.dropped == 0)
    #expect(open.arrivedInWindow > 200 && open.scheduleLag.count == UInt64(open.arrivedInWindow))
  }

  @Test func aServerThatDiesLeadsToFailures() throws {
    // A hundred tokens a second: of eighty tokens each, none is whole before the server is gone.
    let server = try NullServer(tokensPerSecond: 100)
    let (load, _) = try client(server.url)
    var point = LoadFixtures.open(.constant(rate: 200), seconds: 0.5)
    point.patienceSeconds = 0.2
    load.at(load.now + 150_000_000) { server.stop() }
    let requests = try LoadFixtures.requests(
      RequestSource(kind: .drawn(prompt: .fixed(4), output: .fixed(80)), name: "d"))
    let result = try LoadRunner(client: load, requests: requests, point: point, seed: 1).run()
    #expect(LoadFixtures.isWhole(result.counts) && result.counts.scheduled == 100, "\(result.counts)")
    #expect(result.counts.completed == 0 && result.counts.failed > 20, "\(result.counts)")
    #expect(result.abandoned != nil)
  }

  @Test func whereNobodyListensTheRunIsOver() throws {
    let server = try NullServer()
    let url = server.url
    server.stop()
    let result = try run(url, LoadFixtures.closed(16, requests: 5000))
    #expect(LoadFixtures.isWhole(result.counts) && result.counts.completed == 0)
    #expect(result.counts.failures.keys.contains("refused") && result.abandoned?.contains("127.0.0.1") == true)
  }
}
