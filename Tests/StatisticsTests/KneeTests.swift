import Foundation
import Statistics
import Testing

@Suite struct KneeTests {
  private func find(_ x: [Double], _ y: [Double]) -> Knee.Finding {
    var random = SplitMix64(seed: 1)
    return Knee.find(x: x, y: y, using: &random)
  }

  private func knee(_ x: [Double], _ y: [Double]) throws -> Knee {
    let finding = find(x, y)
    guard case .found(let knee) = finding else { throw Missing(finding: finding) }
    return knee
  }

  private struct Missing: Error { var finding: Knee.Finding }

  private static let powers = [1.0, 2, 4, 8, 16, 32, 64, 128]

  @Test func cornersAreFoundWhereTheyAre() throws {
    for corner in [2.5, 7, 16, 40, 90] {
      // With overload behind some.
      for loss in [0, 0.05] {
        let y = Self.powers.map { max(5, 30 * min($0, corner) - 30 * loss * max(0, $0 - corner)) }
        let knee = try knee(Self.powers, y)
        #expect(abs(log(knee.x / corner)) < 0.1, "\(corner), \(loss): \(knee)")
        #expect(abs(log(knee.y / 30 / corner)) < 0.1, "\(corner), \(loss): \(knee)")
      }
    }
  }

  /// Closed queueing networks of one station where requests queue and a delay where they do not, by mean value analysis:
  /// N requests, throughput N / (delay + service · (1 + queue)). Their bounds meet at (delay + service) / service.
  private func closed(_ populations: [Double], delay: Double, service: Double) -> [Double] {
    var throughput: [Int: Double] = [:]
    var queue = 0.0
    for population in 1...Int(populations.last ?? 1) {
      let residence = service * (1 + queue)
      throughput[population] = Double(population) / (delay + residence)
      queue = Double(population) / (delay + residence) * residence
    }
    return populations.map { throughput[Int($0)] ?? 0 }
  }

  @Test(arguments: [3.0, 10, 30])
  func closedQueuesBendWhereTheirBoundsMeet(_ delay: Double) throws {
    let knee = try knee(Self.powers, closed(Self.powers, delay: delay, service: 1))
    let meeting = delay + 1
    #expect((meeting / 1.5...meeting * 2).contains(knee.x), "\(knee), \(meeting)")
    #expect(knee.interval.map { $0.lower <= knee.x && knee.x <= $0.upper } == true)
    #expect(knee.y > 0.8 && knee.y < 1.1, "\(knee)")
  }

  @Test func closedQueuesThatStillGrowHaveNone() {
    guard case .notReached(let doubling) = find(Self.powers, closed(Self.powers, delay: 600, service: 1)) else {
      Issue.record("a knee where there is none")
      return
    }
    #expect(doubling > 0.8 && doubling <= 1)
    #expect(find([1, 2, 4], [10, 20, 40]) == .notReached(doubling: 1))
    // vLLM on CPUs, 128 tokens in and out, whose throughput nearly doubles from four requests to sixteen.
    guard case .notReached(let more) = find([1, 4, 16], [76.7, 227, 404]) else {
      Issue.record("a knee where throughput doubles behind it")
      return
    }
    #expect(more > 0.12 && more < 0.3, "\(more)")
  }

  /// Batches that get cheaper as they grow bend over decades: y = 88 x / (1 + x / 6).
  @Test func slowBendsEndWhereDoublingBringsLittle() throws {
    let x = [1.0, 2, 4, 8, 16, 32, 64, 128]
    let knee = try knee(x, x.map { 88 * $0 / (1 + $0 / 6) })
    // Where the slope of the logarithms is log2(1.1), 1 / (1 + x / 6) of it.
    #expect(abs(log(knee.x / 37.6)) < 0.05, "\(knee)")
  }

  /// Rates are served as they come up to what the server can do, whatever it loses by overload.
  @Test func openLoopsBendAtTheirCapacity() throws {
    let rates = stride(from: 1.0, through: 12, by: 1).map { $0 }
    var random = SplitMix64(seed: 5)
    for loss in [0.0, 0.05] {
      let served = rates.map { rate in
        (min(rate, 7.3) - loss * max(0, rate - 7.3)) * Double.random(in: 0.97...1.03, using: &random)
      }
      let knee = try knee(rates, served)
      #expect(abs(knee.x - 7.3) < 0.4, "\(knee)")
      let interval = try #require(knee.interval)
      #expect(interval.lower > 6 && interval.upper < 8.6 && interval.coverage == 0.95, "\(interval)")
    }
  }

  @Test func intervalsHoldTheCornerAsOftenAsTheySay() {
    var random = SplitMix64(seed: 11)
    var held = 0
    let rounds = 200
    for _ in 0..<rounds {
      let corner = Double.random(in: 4...40, using: &random)
      let y = Self.powers.map { x in
        let noise = (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: -0.5...0.5, using: &random) }
        return min(x, corner) * exp(0.03 * noise)
      }
      guard case .found(let knee) = Knee.find(x: Self.powers, y: y, resamples: 200, using: &random) else { continue }
      if let interval = knee.interval, interval.lower <= corner, corner <= interval.upper { held += 1 }
    }
    #expect(held > rounds * 80 / 100, "\(held) of \(rounds)")
  }

  @Test func curvesThatAreFlatFromTheBeginningBendBefore() {
    #expect(find(Self.powers, Self.powers.map { _ in 400 }) == .before)
    #expect(find(Self.powers, Self.powers.map { 400 - $0 }) == .before)
  }

  @Test func whatCannotBeToldIsNot() {
    #expect(find([], []) == .unknown && find([1, 2], [1, 2]) == .unknown && find([1, 1, 2], [1, 1, 2]) == .unknown)
    #expect(find([1, 2, 3], [1, 0, 1]) == .unknown)
    #expect(find([1, 2, .nan, 4], [1, 2, 3, .nan]) == .unknown)
  }

  @Test func threePointsHaveAKneeButNoInterval() throws {
    let knee = try knee([4, 1, 16], [40, 10, 42])
    #expect(knee.interval == nil && abs(knee.x - 4.2) < 0.3, "\(knee)")
  }

  @Test func theSeedFixesTheInterval() throws {
    let y = closed(Self.powers, delay: 10, service: 1)
    #expect(try knee(Self.powers, y) == knee(Self.powers, y))
  }
}
