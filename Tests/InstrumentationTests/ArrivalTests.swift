import Foundation
import Instrumentation
import Testing

/// Arrival times follow their law, and are the same for the same seed.
@Suite struct ArrivalTests {
  private static let seeds: [UInt64] = [1, 42, 0xDEAD_BEEF]
  private static let count = 20_000

  private func gaps(_ times: [Double]) -> [Double] { zip(times, [0] + times).map(-) }

  /// The largest distance of the sample's distribution function from the law's, times √n: above 1.95 in one sample of a thousand.
  private func distance(_ values: [Double], _ law: (Double) -> Double) -> Double {
    let sorted = values.sorted()
    let n = Double(sorted.count)
    let most = sorted.enumerated().map { place, value in
      max(abs(law(value) - Double(place) / n), abs(law(value) - Double(place + 1) / n))
    }
    return (most.max() ?? 0) * n.squareRoot()
  }

  private func meanAndVariance(_ values: [Double]) -> (Double, Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
  }

  @Test func constantArrivalsAreAtMultiples() {
    let times = ArrivalProcess.constant(rate: 3).times(count: 1_000_001, seed: 1)
    let first: [Double] = [0, 1.0 / 3, 2.0 / 3, 1]
    #expect(Array(times.prefix(4)) == first)
    // No rounding adds up.
    #expect(times[999_999] == 333_333)
  }

  @Test(arguments: seeds) func poissonGapsAreExponential(seed: UInt64) {
    let gaps = gaps(ArrivalProcess.poisson(rate: 50).times(count: Self.count, seed: seed))
    let (mean, variance) = meanAndVariance(gaps)
    let n = Double(Self.count)
    let slack: (Double, Double) = (4 / n.squareRoot(), 4 * (8 / n).squareRoot())
    #expect(abs(mean * 50 - 1) < slack.0, "seed \(seed)")
    #expect(abs(variance * 2500 - 1) < slack.1, "seed \(seed)")
    #expect(distance(gaps) { 1 - exp(-50 * $0) } < 1.95, "seed \(seed)")
  }

  @Test(arguments: seeds, [0.1, 0.25, 0.5, 1, 2, 4, 50]) func gammaGapsHaveTheirMoments(seed: UInt64, shape: Double) {
    let gaps = gaps(ArrivalProcess.gamma(rate: 10, burstiness: shape).times(count: Self.count, seed: seed))
    let (mean, variance) = meanAndVariance(gaps)
    // Mean 1 / rate and variance 1 / (shape · rate²); the standard error of the variance by the kurtosis 3 + 6 / shape.
    let n = Double(Self.count)
    let slack: (Double, Double) = (4 / (shape * n).squareRoot(), 4 * ((2 + 6 / shape) / n).squareRoot())
    #expect(abs(mean * 10 - 1) < slack.0, "seed \(seed), \(mean)")
    #expect(abs(variance * 100 * shape - 1) < slack.1, "seed \(seed), \(variance)")
    #expect(gaps.allSatisfy { $0 >= 0 && $0.isFinite })
  }

  @Test(arguments: seeds) func gammaGapsFollowTheirLaw(seed: UInt64) {
    // Distribution functions in closed form of shapes 1/2, 1, 2 and 3; x is in units of the scale.
    let laws: [(shape: Double, law: @Sendable (Double) -> Double)] = [
      (0.5, { (x: Double) -> Double in erf(x.squareRoot()) }), (1, { (x: Double) -> Double in 1 - exp(-x) }),
      (2, { (x: Double) -> Double in 1 - exp(-x) * (1 + x) }),
      (3, { (x: Double) -> Double in 1 - exp(-x) * (1 + x + x * x / 2) }),
    ]
    for (shape, law) in laws {
      let gaps = gaps(ArrivalProcess.gamma(rate: 7, burstiness: shape).times(count: Self.count, seed: seed))
      #expect(distance(gaps) { law($0 * 7 * shape) } < 1.95, "seed \(seed), shape \(shape)")
    }
  }

  @Test(arguments: seeds) func rampsHaveTheRateOfTheirMoment(seed: UInt64) {
    for (from, to) in [(10.0, 200.0), (200, 10), (0, 100), (50, 50)] {
      let times = ArrivalProcess.ramp(from: from, to: to, seconds: 100).times(before: 100, seed: seed)
      let expected = (from + to) / 2 * 100
      #expect(abs(Double(times.count) - expected) < 4 * expected.squareRoot(), "seed \(seed), \(from) to \(to)")
      // Given their number, arrivals of an inhomogeneous Poisson process are independent draws of its cumulative rate.
      let law = { (t: Double) -> Double in (from * t + (to - from) * t * t / 200) / expected }
      #expect(distance(times, law) < 1.95, "seed \(seed), \(from) to \(to)")
    }
    let behind = ArrivalProcess.ramp(from: 0, to: 40, seconds: 5).times(before: 505, seed: seed).filter { $0 >= 5 }
    #expect(distance(behind) { ($0 - 5) / 500 } < 1.95, "seed \(seed)")
    #expect(abs(behind.count - 20_000) < 566, "seed \(seed): within four deviations")
  }

  @Test func aRampToNothingEnds() {
    let all = Array(ArrivalTimes(.ramp(from: 20, to: 0, seconds: 10), seed: 3))
    #expect(abs(all.count - 100) < 40 && all.allSatisfy { $0 <= 10 })
  }

  @Test(arguments: [
    ArrivalProcess.constant(rate: 9), .poisson(rate: 9), .gamma(rate: 9, burstiness: 0.3),
    .gamma(rate: 9, burstiness: 3),
    .ramp(from: 1, to: 20, seconds: 30), .recorded([0, 0.5, 0.5, 3, 90]),
  ])
  func theFirstStayTheSame(process: ArrivalProcess) {
    for seed in Self.seeds {
      let long = process.times(count: 1000, seed: seed)
      #expect(process.times(count: 1000, seed: seed) == long, "seed \(seed)")
      #expect(process.times(count: 17, seed: seed) == Array(long.prefix(17)), "seed \(seed)")
      #expect(process.times(before: 1, seed: seed) == long.filter { $0 < 1 }, "seed \(seed)")
      #expect(long == long.sorted(), "seed \(seed)")
    }
    if case .poisson = process { #expect(process.times(count: 9, seed: 1) != process.times(count: 9, seed: 2)) }
  }

  @Test func ratesThatGiveNothingAndEverything() {
    for process in [ArrivalProcess.constant(rate: 0), .poisson(rate: 0), .gamma(rate: 0, burstiness: 1)] {
      #expect(process.times(count: 3, seed: 1).isEmpty)
      #expect(process.atRate(.infinity).times(count: 3, seed: 1) == [0, 0, 0])
    }
    #expect(ArrivalProcess.gamma(rate: 1, burstiness: 0).times(count: 3, seed: 1).isEmpty)
    #expect(ArrivalProcess.poisson(rate: 1000).times(before: 9, limit: 4, seed: 1).count == 4)
  }

  @Test func anotherRateKeepsTheKind() {
    #expect(ArrivalProcess.gamma(rate: 1, burstiness: 0.4).atRate(8) == .gamma(rate: 8, burstiness: 0.4))
    #expect(ArrivalProcess.ramp(from: 1, to: 4, seconds: 9).atRate(8) == .ramp(from: 2, to: 8, seconds: 9))
    let trace = ArrivalProcess.recorded([0, 1, 4])
    #expect(trace.rate == 0.75 && trace.atRate(1.5) == .recorded([0, 0.5, 2]))
  }
}
