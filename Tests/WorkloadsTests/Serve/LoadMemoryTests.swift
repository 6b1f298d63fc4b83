import Generation
import GenerationClient
import Instrumentation
import Testing
import Workloads

/// What a long run keeps.
@Suite struct LoadMemoryTests {
  @Test func aMillionRequestsTakeLittleMemory() throws {
    let client = ScriptedClient { request, number, _ in
      ScriptedClient.Answer(
        first: UInt64(number % 1000) * 10_000, gap: UInt64(number % 7) * 100_000,
        tokens: (0..<request.sampling.n).map { 1 + ($0 + number) % 4 }, promptTokens: 16)
    }
    client.remembers = false
    let requests = try LoadFixtures.requests()
    let before = try #require(ProcessMemory.read()).privateBytes
    let result = try LoadRunner(
      client: client, requests: requests, point: LoadFixtures.closed(64, requests: 1_000_000, n: 2), seed: 1
    ).run()
    let after = try #require(ProcessMemory.read()).privateBytes
    #expect(result.counts.completed == 1_000_000 && result.requests.count > 890_000)
    #expect(MemoryLayout<LoadResult.Request>.stride == 24)
    #expect(result.clientTimeline.count <= 2048 && result.skewByIndex.count == 2)
    // Other tests may have taken some of it meanwhile.
    #expect(after < before + 300_000_000, "\((after - before) >> 20) MiB")
  }
}
