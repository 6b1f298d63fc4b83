internal import Foundation
internal import Statistics

/// The moments of an arrival process, in seconds from its beginning, one after the other: fixed by the process and the seed,
/// whatever the server does.
///
/// The first k moments are the same however many are taken. A constant process begins at 0, the random ones with a gap, so
/// that what comes in t seconds has the mean of their law.
public struct ArrivalTimes: Sequence, IteratorProtocol {
  private let process: ArrivalProcess
  private var random: SplitMix64
  private var taken = 0
  /// Of a random process: seconds, of a ramp expected arrivals till then.
  private var passed = 0.0
  private let gaps: GammaDistribution?

  public init(_ process: ArrivalProcess, seed: UInt64) {
    self.process = process
    random = SplitMix64(seed: seed)
    if case .gamma(let rate, let burstiness) = process, burstiness > 0 {
      gaps = GammaDistribution(shape: burstiness, scale: 1 / (rate * burstiness))
    } else {
      gaps = nil
    }
  }

  /// The next moment; nil where no more come: behind the last of a recording, and where the rate is 0 from then on. O(1).
  public mutating func next() -> Double? {
    let time: Double
    switch process {
    case .constant(let rate):
      // Of the number, so that no rounding adds up.
      time = taken == 0 && rate > 0 ? 0 : Double(taken) / rate
    case .poisson(let rate):
      passed += exponential() / rate
      time = passed
    case .gamma:
      guard let gaps else { return nil }
      passed += gaps.sample(&random)
      time = passed
    case .ramp(let from, let to, let seconds):
      passed += exponential()
      time = Self.moment(of: passed, from: from, to: to, seconds: seconds)
    case .recorded(let times):
      guard taken < times.count else { return nil }
      time = times[taken]
    }
    guard time.isFinite, time >= 0 else { return nil }
    taken += 1
    return time
  }

  /// Of mean 1.
  private mutating func exponential() -> Double { -log1p(-random.uniform()) }

  /// When a ramp has brought `expected` arrivals: the inverse of its cumulative rate, by which moments of a process of rate 1
  /// become moments of this one. Source: Çinlar, "Introduction to Stochastic Processes", section 4.7.
  private static func moment(of expected: Double, from: Double, to: Double, seconds: Double) -> Double {
    let onRamp = (from + to) / 2 * seconds
    guard expected < onRamp else { return seconds + (expected - onRamp) / to }
    // from · t + (to − from) · t² / 2 seconds = expected, in the form that also holds for from = to.
    let slope = (to - from) / seconds
    return 2 * expected / (from + Swift.max(0, from * from + 2 * slope * expected).squareRoot())
  }
}

extension ArrivalProcess {
  /// The first `count` moments, in seconds; fewer where the process ends. The same seed gives the same.
  public func times(count: Int, seed: UInt64) -> [Double] { Array(ArrivalTimes(self, seed: seed).prefix(count)) }

  /// The moments before `seconds`, and at most `limit` of them.
  public func times(before seconds: Double, limit: Int = .max, seed: UInt64) -> [Double] {
    var times: [Double] = []
    var arrivals = ArrivalTimes(self, seed: seed)
    while times.count < limit, let time = arrivals.next(), time < seconds { times.append(time) }
    return times
  }

  /// Arrivals a second where a ramp has ended; of a recording, over all of it.
  public var rate: Double {
    switch self {
    case .constant(let rate), .poisson(let rate), .gamma(let rate, _): rate
    case .ramp(_, let to, _): to
    case .recorded(let times): times.last.map { $0 > 0 ? Double(times.count) / $0 : .infinity } ?? 0
    }
  }

  /// The same kind of process at another rate; a recording is stretched, a ramp goes to the rate by the same steps.
  public func atRate(_ rate: Double) -> ArrivalProcess {
    switch self {
    case .constant: return .constant(rate: rate)
    case .poisson: return .poisson(rate: rate)
    case .gamma(_, let burstiness): return .gamma(rate: rate, burstiness: burstiness)
    case .ramp(let from, let to, let seconds):
      return .ramp(from: to > 0 ? from * rate / to : 0, to: rate, seconds: seconds)
    case .recorded(let times):
      let factor = self.rate / rate
      return factor.isFinite ? .recorded(times.map { $0 * factor }) : self
    }
  }
}
