import GenerationClient
import Testing

@Suite struct ServerTimelineTests {
  private func sample(_ second: UInt64, _ change: (inout ServerSample) -> Void) -> ServerSample {
    var sample = ServerSample(time: second * 1_000_000_000)
    change(&sample)
    return sample
  }

  private var samples: [ServerSample] {
    [
      sample(1) { ($0.kvUsage, $0.preemptions, $0.generationTokens) = (0.1, 7, 100) },
      sample(2) { ($0.kvUsage, $0.preemptions, $0.generationTokens) = (0.5, 9, 150) },
      // It told nothing of preemptions once.
      sample(3) { ($0.kvUsage, $0.generationTokens) = (0.75, 150) },
      // It was started anew.
      sample(5) { ($0.kvUsage, $0.preemptions, $0.generationTokens) = (0.25, 1, 20) },
      sample(6) { ($0.kvUsage, $0.preemptions, $0.generationTokens) = (0.25, 4, 30) },
    ]
  }

  @Test func countersBecomeWhatHappenedSince() {
    let moments = ServerTimeline(samples).moments
    #expect(moments.map(\.preemptions) == [0, 2, nil, 2, 5])
    #expect(moments.map(\.generatedTokensPerSecond) == [nil, 50, 0, 10, 10])
    #expect(moments.map(\.kvUsage) == [0.1, 0.5, 0.75, 0.25, 0.25])
    #expect(moments.map(\.time) == samples.map(\.time) && moments.allSatisfy { $0.running == nil })
  }

  @Test func hitRatesAreThoseBetweenSamples() {
    func rates(_ counts: [(Double?, Double?)]) -> [Double?] {
      ServerTimeline(
        counts.enumerated().map { index, counts in
          sample(UInt64(index)) { ($0.prefixCacheQueries, $0.prefixCacheHits) = counts }
        }
      ).moments.map(\.prefixHitRate)
    }
    #expect(rates([(100, 50), (200, 50), (200, 50), (300, 125), (nil, nil)]) == [nil, 0, nil, 0.75, nil])
    let told = ServerTimeline([sample(0) { $0.prefixCacheHitRate = 0.5 }, sample(1) { $0.prefixCacheHitRate = 0.25 }])
    #expect(told.moments.map(\.prefixHitRate) == [0.5, 0.25])
    #expect(told.summary(of: 0..<10_000_000_000).prefixHitRate == 0.375)
  }

  @Test func aSpanIsSummedUp() {
    let timeline = ServerTimeline(samples)
    var expected = ServerTimeline.Summary()
    expected.samples = 2
    (expected.meanKVUsage, expected.peakKVUsage, expected.preemptions) = (0.625, 0.75, 2)
    #expect(timeline.summary(of: 2_000_000_000..<5_000_000_000) == expected)
    #expect(timeline.summary(of: 0..<10_000_000_000).preemptions == 5)
    #expect(timeline.summary(of: 0..<2_000_000_000).preemptions == nil, "one sample tells of no change")
    #expect(timeline.summary(of: 3_500_000_000..<4_000_000_000) == ServerTimeline.Summary())
    #expect(ServerTimeline([]).summary(of: 0..<1) == ServerTimeline.Summary())
  }
}
