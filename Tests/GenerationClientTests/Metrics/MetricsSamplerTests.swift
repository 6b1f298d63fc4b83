import GenerationClient
import HTTP
import Synchronization
import TestFixtures
import Testing

@Suite struct MetricsSamplerTests {
  private func profile(_ server: LoopbackServer) throws -> ServerProfile {
    try ServerProfile(url: server.url("v1"), preset: "vllm")
  }

  @Test func samplesUntilItIsStopped() throws {
    let asked = Mutex(0)
    let server = try LoopbackServer { request in
      let number = asked.withLock { count in
        count += 1
        return count
      }
      guard request.path == "/metrics" else { return .init(status: 404) }
      return .init(text: "vllm:num_requests_running 1\nvllm:num_preemptions_total \(number)\n")
    }
    let loop = try TransferLoop()
    let sampler = MetricsSampler(server: try profile(server), loop: loop, interval: 0.002)
    let began = loop.now
    sampler.start()
    sampler.start()
    try loop.run { sampler.samples.count == 5 }
    sampler.stop()
    // Nothing is left that the loop could wait for.
    try loop.run { false }
    #expect(sampler.samples.count == 5 && sampler.failureCount == 0 && sampler.family == "vLLM")
    #expect(sampler.samples.map(\.preemptions) == [1, 2, 3, 4, 5], "no two requests at once, and none lost")
    let times = [began] + sampler.samples.map(\.time) + [loop.now]
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(
      sampler.missing == ["KV use", "waiting requests", "prompt tokens", "generation tokens", "prefix cache hits"])
    #expect(sampler.cacheConfiguration == nil)
  }

  @Test func failuresAreCountedAndOutlived() throws {
    let asked = Mutex(0)
    let answers: [LoopbackServer.Response] = [
      .init(status: 503), .init(text: "<html>"),
      .init(body: Array("vllm:kv_cache_usage_perc 0.5".utf8), breaksAfter: 4),
      .init(text: "vllm:kv_cache_usage_perc 0.5\nvllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\"9\"} 1"),
      .init(text: "vllm:kv_cache_usage_perc 0.25"),
    ]
    let server = try LoopbackServer { _ in
      asked.withLock { count in
        count += 1
        return answers[min(count, answers.count) - 1]
      }
    }
    let loop = try TransferLoop()
    let sampler = MetricsSampler(server: try profile(server), loop: loop, interval: 0.001)
    var sentences: [String?] = []
    sampler.sampled = { [unowned sampler] sample in
      sentences.append(sampler.lastFailure)
      if sample.kvUsage == 0.25 { sampler.stop() }
    }
    sampler.start()
    try loop.run { false }
    #expect(sampler.samples.map(\.kvUsage) == [0.5, 0.25] && sampler.failureCount == 3)
    #expect(sampler.cacheConfiguration == KVCacheConfiguration(blockSize: 16, blockCount: 8, sharing: .prefixCache))
    #expect(sentences.count == 2)
  }

  @Test func aServerThatIsGoneIsAFailureWithAReason() throws {
    var profile = try profile(try LoopbackServer { _ in .init() })
    profile.baseURL = "http://127.0.0.1:1/v1"
    let loop = try TransferLoop()
    let sampler = MetricsSampler(server: profile, loop: loop, interval: 0.001)
    sampler.start()
    try loop.run { sampler.failureCount == 3 }
    sampler.stop()
    #expect(sampler.samples.isEmpty && sampler.missing == nil)
    #expect(sampler.lastFailure?.hasPrefix("http://127.0.0.1:1/metrics: ") == true)
  }

  @Test func aServerWithoutMetricsIsNotAsked() throws {
    let loop = try TransferLoop()
    let sampler = MetricsSampler(server: try ServerProfile(url: nil, preset: "openai"), loop: loop)
    sampler.start()
    try loop.run { false }
    #expect(sampler.samples.isEmpty && sampler.failureCount == 0)
  }
}
