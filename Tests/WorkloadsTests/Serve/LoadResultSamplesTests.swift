import GenerationClient
import RunStore
import Statistics
import Testing
import Workloads

@Suite struct LoadResultSamplesTests {
  /// What is stored is all that there was.
  @Test func samplesHoldEverything() throws {
    var random = SeededRandom(seed: 5)
    var result = loadResult(LoadPoint(pattern: .closed(concurrency: 3), n: 3, stop: .init()))
    result.counts.failures = ["http 429": 3, "reset": 1]
    result.counts.timedOut = 7
    result.cachedPromptTokens = 11
    result.counting = .usage
    result.skewByIndex = [result.ttft, result.itl, result.tpot]
    result.heldBack.record(12_345)
    result.wantedPromptTokens = 900
    result.countedPromptTokens = 901
    result.doubts = ["late: 3 %", "busy"]
    result.remarks = ["näher betrachtet: gebündelt"]
    result.abandoned = "nothing came for 60 s"
    result.missingMetrics = ["KV use"]
    for second in 0..<50 {
      result.clientTimeline.append(
        .init(time: UInt64(second) * 1_000_000_000, inFlight: second % 7, tokens: second * 90))
      var sample = ServerSample(time: UInt64(second) * 500_000_000)
      sample.kvUsage = Double.random(in: 0...1, using: &random)
      sample.waiting = second % 2 == 0 ? nil : Double(second)
      result.serverTimeline.append(sample)
      result.requests.append(
        .init(
          intended: Float(second), ttft: .random(in: 0...1, using: &random), tpot: 0.01, e2e: 2,
          promptTokens: UInt32(second), outputTokens: 64))
    }
    // As the store keeps them.
    let stored = try result.samples.mapValues { try #require(Samples(compressed: $0.compressed)) }
    let read = try LoadResult(PassRecord(number: 1, samples: stored))
    // By their bytes, for what a server does not tell is nan.
    #expect(read.samples.mapValues(\.compressed) == result.samples.mapValues(\.compressed))
    #expect(read.counts == result.counts && read.window == result.window && read.ttft == result.ttft)
    #expect(read.itl == result.itl && read.skewByIndex == result.skewByIndex && read.heldBack == result.heldBack)
    #expect(read.requests == result.requests && read.clientTimeline == result.clientTimeline)
    #expect(read.serverTimeline == result.serverTimeline)
    #expect(read.doubts == result.doubts && read.remarks == result.remarks && read.abandoned == result.abandoned)
    #expect(read.counting == .usage && read.cachedPromptTokens == 11 && read.missingMetrics == ["KV use"])
    // Distributions of a pass, however many requests it has, are a few kilobytes.
    #expect(stored.values.reduce(0) { $0 + $1.compressed.count } < 16_000)
  }

  @Test func timesBeforeTheBeginningAreItsBeginning() throws {
    var result = LoadResult()
    result.began = 10_000_000_000
    result.serverTimeline = [ServerSample(time: 9_000_000_000), ServerSample(time: 12_000_000_000)]
    let read = try LoadResult(PassRecord(number: 1, samples: result.samples))
    #expect(read.serverTimeline.map(\.time) == [0, 2_000_000_000])
  }
}
