import Foundation
import Statistics
import Testing
import Workloads

/// Searching the highest rate on queues whose answer is known.
@Suite struct SweepSearchTests {
  private struct Draws {
    var random: SplitMix64
    init(_ seed: UInt64) { random = SplitMix64(seed: seed) }
    mutating func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    /// Of `count` requests, those that keep a level that each keeps with a chance of `chance`.
    mutating func kept(_ count: Int, chance: Double) -> Int {
      (0..<count).reduce(0) { sum, _ in sum + (uniform() < chance ? 1 : 0) }
    }
  }

  /// The share of an M/M/1 queue's customers whose time in the system is at most `level`: the time is exponential with the
  /// rate mu - lambda. Source: Kleinrock, "Queueing Systems I", section 5.7.
  private func share(rate: Double, mu: Double, level: Double) -> Double {
    rate < mu ? 1 - exp(-(mu - rate) * level) : 0
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5], [0.5, 3, 40, 500]) func anMM1QueueIsSearched(seed: UInt64, start: Double)
    throws
  {
    var draws = Draws(seed)
    var asked: [Double] = []
    // 90 % within 0.2 s at a service rate of 100: 100 - ln(10) / 0.2 = 88.487.
    let outcome = try SweepSearch(start: start, precision: 0.05, share: 0.9).run { rate in
      asked.append(rate)
      return .init(kept: draws.kept(4000, chance: share(rate: rate, mu: 100, level: 0.2)), requests: 4000)
    }
    let exact = 100 - log(10) / 0.2
    let (low, high) = (try #require(outcome.rate), try #require(outcome.failing))
    #expect(outcome.ending == .found && high <= low * 1.05 + 1e-9, "seed \(seed)")
    // Sampling moves the boundary by less than a hundredth.
    #expect(low < exact * 1.01 && high > exact * 0.99, "seed \(seed): \(low) to \(high)")
    #expect(asked.count == outcome.measurements && asked.count <= 24, "seed \(seed)")
  }

  /// Waiting times of an M/D/c queue that serves in the order of arrival, and the share of them within `level`.
  private func mdc(rate: Double, servers: Int, service: Double, level: Double, count: Int, seed: UInt64) -> Int {
    var draws = Draws(seed)
    var free = [Double](repeating: 0, count: servers)
    var now = 0.0
    var kept = 0
    for number in 0..<count {
      now -= log1p(-draws.uniform()) / rate
      // Equal services end in the order in which they began, so that the servers take turns.
      let begin = max(now, free[number % servers])
      free[number % servers] = begin + service
      if begin + service - now <= level { kept += 1 }
    }
    return kept
  }

  @Test(arguments: [UInt64(11), 12, 13]) func anMDcQueueIsSearched(seed: UInt64) throws {
    var number: UInt64 = 0
    let outcome = try SweepSearch(start: 2, precision: 0.04, share: 0.95).run { rate in
      number += 1
      return .init(
        kept: mdc(rate: rate, servers: 4, service: 0.1, level: 0.2, count: 5000, seed: seed &* 1000 &+ number),
        requests: 5000)
    }
    let (low, high) = (try #require(outcome.rate), try #require(outcome.failing))
    // A long simulation says the same.
    func holds(_ rate: Double) -> Bool {
      mdc(rate: rate, servers: 4, service: 0.1, level: 0.2, count: 400_000, seed: 99) >= 380_000
    }
    #expect(outcome.ending == .found && high <= low * 1.04 + 1e-9 && low < 40, "seed \(seed)")
    #expect(holds(low * 0.97) && !holds(high * 1.03), "seed \(seed): \(low) to \(high)")
  }

  @Test func aLevelThatIsNeverMet() throws {
    let outcome = try SweepSearch(start: 8, lowest: 0.5).run { _ in .init(kept: 0, requests: 500) }
    #expect(outcome.rate == nil && outcome.failing == 0.5 && outcome.ending == .never)
    #expect(outcome.trials.map(\.rate) == [8, 4, 2, 1, 0.5])
    // Nothing comes of a load at all: that is no rate that holds.
    #expect(try SweepSearch(start: 1, lowest: 1).run { _ in .init(kept: 0, requests: 0) }.ending == .never)
  }

  @Test func aLevelThatIsAlwaysMet() throws {
    let outcome = try SweepSearch(start: 8, highest: 50).run { _ in .init(kept: 5000, requests: 5000) }
    #expect(outcome.rate == 50 && outcome.failing == nil && outcome.ending == .always)
    #expect(outcome.trials.map(\.rate) == [8, 16, 32, 50] && outcome.measurements == 4)
  }

  /// One measurement in six says the contrary, wherever the rate is.
  @Test func measurementsThatContradictEachOther() throws {
    var near = 0
    for seed in UInt64(1)...200 {
      var draws = Draws(seed)
      let outcome = try SweepSearch(start: 3, precision: 0.1, mostMeasurements: 30).run { rate in
        let holds = (rate < 57) != (draws.uniform() < 1.0 / 6)
        // Neither is clear of the share that is asked for, so that each is asked again.
        return .init(kept: holds ? 200 : 197, requests: 200)
      }
      #expect(outcome.measurements <= 30, "seed \(seed)")
      if let low = outcome.rate, let high = outcome.failing { #expect(low < high, "seed \(seed)") }
      for trial in outcome.trials { #expect(trial.measurements.count <= 3, "seed \(seed)") }
      if let low = outcome.rate, (28...63).contains(low) { near += 1 }
    }
    // Most of three votes are wrong one time in thirteen, and some ten rates are voted on.
    #expect(near > 100, "\(near)")
  }

  @Test func oneHiccupChangesNothing() throws {
    for hiccup in 0..<12 {
      var number = -1
      let outcome = try SweepSearch(start: 10, precision: 0.05, share: 0.99).run { rate in
        number += 1
        let holds = (rate < 77) != (number == hiccup)
        return .init(kept: holds ? 300 : 290, requests: 300)
      }
      let low = try #require(outcome.rate)
      #expect((77 / 1.06...77).contains(low) && outcome.ending == .found, "hiccup \(hiccup): \(low)")
    }
  }

  @Test func theBudgetIsKept() throws {
    var asked = 0
    let outcome = try SweepSearch(start: 1, precision: 0.001, mostMeasurements: 7).run { rate in
      asked += 1
      return .init(kept: rate < 300 ? 10_000 : 0, requests: 10_000)
    }
    #expect(asked == 7 && outcome.ending == .exhausted && outcome.rate == 64 && outcome.failing == nil)
  }

  @Test func aClientAtItsLimitIsNoServerAtIts() throws {
    let outcome = try SweepSearch(start: 10, precision: 0.05).run { rate in
      .init(kept: 1000, requests: 1000, isDoubtful: rate > 200)
    }
    #expect(outcome.ending == .client && (190...200).contains(outcome.rate ?? 0))
  }

  @Test func whatMeasuringThrowsIsThrown() {
    #expect(throws: CancellationError.self) { try SweepSearch(start: 1).run { _ in throw CancellationError() } }
  }
}
