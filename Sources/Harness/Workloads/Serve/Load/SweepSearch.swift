internal import Foundation

/// Finds the highest rate at which a server keeps its service levels: doubles until it does not, then halves the gap, on a
/// scale of logarithms, to the precision that is stated; where a measurement could fall either way, it is asked again.
///
/// A rate holds if at least a stated share of the requests keep all levels. Pure: what measures is an argument.
package struct SweepSearch: Sendable, Hashable {
  /// What a measurement at one rate said.
  package struct Measurement: Sendable, Equatable {
    /// Of the requests that were to be sent in the window, those that kept all levels; a request that failed did not.
    package var kept: Int
    package var requests: Int
    /// Whether the client may have been what was measured.
    package var isDoubtful: Bool

    package init(kept: Int, requests: Int, isDoubtful: Bool = false) {
      self.kept = kept
      self.requests = requests
      self.isDoubtful = isDoubtful
    }
  }

  /// One rate, and what all measurements at it said.
  package struct Trial: Sendable, Equatable {
    package var rate: Double
    package var measurements: [Measurement]
    /// By most of its measurements.
    package var holds: Bool
  }

  package enum Ending: String, Sendable, CaseIterable {
    /// The next rate that was tried, within the precision, does not hold.
    case found
    /// Not even the lowest rate holds.
    case never
    /// The highest rate holds.
    case always
    /// The measurements that were allowed are used up.
    case exhausted
    /// What does not hold above it the client may be the cause of.
    case client
  }

  package struct Outcome: Sendable, Equatable {
    /// The highest rate that held with no lower one that did not; nil: none did.
    package var rate: Double?
    /// The lowest that did not hold.
    package var failing: Double?
    package var ending: Ending
    /// In the order in which they were first measured.
    package var trials: [Trial]

    package var measurements: Int { trials.reduce(0) { $0 + $1.measurements.count } }
  }

  /// Where the search begins, and where it ends at the latest: requests a second.
  package var start: Double
  package var lowest: Double
  package var highest: Double
  /// How far the rate that fails may be above the one that holds, as a share of it.
  package var precision: Double
  /// Share of the requests that must keep all levels.
  package var share: Double
  package var mostMeasurements: Int

  package init(
    start: Double, lowest: Double = 0.01, highest: Double = 100_000, precision: Double = 0.05, share: Double = 0.99,
    mostMeasurements: Int = 24
  ) {
    self.start = start
    self.lowest = lowest
    self.highest = highest
    self.precision = precision
    self.share = share
    self.mostMeasurements = mostMeasurements
  }

  /// - Throws: what `measure` throws.
  package func run(_ measure: (Double) throws -> Measurement) throws -> Outcome {
    var state = State(search: self)
    try state.bracket(measure)
    try state.narrow(measure)
    return state.outcome
  }
}

extension SweepSearch {
  private struct State {
    let search: SweepSearch
    var trials: [Trial] = []
    var holding: Double?
    var failing: Double?
    var isExhausted = false

    private static let growth = 2.0
    /// Votes at one rate; most of them decide.
    private static let votes = 3

    init(search: SweepSearch) { self.search = search }

    private var used: Int { trials.reduce(0) { $0 + $1.measurements.count } }

    private func keeps(_ measurement: Measurement) -> Bool {
      !measurement.isDoubtful && measurement.requests > 0
        && Double(measurement.kept) >= search.share * Double(measurement.requests)
    }

    /// Whether one measurement is enough for now. One that holds is, where the share that was kept is more than two standard
    /// errors from the one that is asked for: what the search comes to is measured again in the end. One that does not is
    /// only where hardly any request kept its levels: any hiccup of the machine may be the cause of the rest, and would
    /// leave everything above it out.
    private func isClear(_ measurement: Measurement) -> Bool {
      guard measurement.requests > 0 else { return true }
      let count = Double(measurement.requests)
      guard keeps(measurement) else {
        return !measurement.isDoubtful && Double(measurement.kept) < search.share / 2 * count
      }
      // Agresti and Coull's, which says something of shares of 1 as well.
      let share = (Double(measurement.kept) + 2) / (count + 4)
      return abs(share - search.share) > 2 * (share * (1 - share) / (count + 4)).squareRoot()
    }

    /// Whether `rate` holds: by one measurement that is clear, or by most of three; nil: no more may be taken.
    private mutating func holds(
      _ rate: Double, isChecked: Bool, _ measure: (Double) throws -> Measurement
    ) throws -> Bool? {
      var place = trials.firstIndex { $0.rate == rate }
      while true {
        let known = place.map { trials[$0].measurements } ?? []
        let yes = known.count(where: keeps)
        let majority = Self.votes / 2 + 1
        let isClear = known.count == 1 && !isChecked && isClear(known[0])
        if yes >= majority || known.count - yes >= majority || isClear {
          let verdict = 2 * yes > known.count
          if let place { trials[place].holds = verdict }
          return verdict
        }
        guard used < search.mostMeasurements else {
          isExhausted = true
          // What is known decides, unless it is a tie.
          guard !known.isEmpty, 2 * yes != known.count else { return nil }
          if let place { trials[place].holds = 2 * yes > known.count }
          return 2 * yes > known.count
        }
        let measurement = try measure(rate)
        if let place {
          trials[place].measurements.append(measurement)
        } else {
          place = trials.count
          trials.append(Trial(rate: rate, measurements: [measurement], holds: keeps(measurement)))
        }
      }
    }

    /// Finds a rate that holds and one that does not.
    mutating func bracket(_ measure: (Double) throws -> Measurement) throws {
      var rate = min(max(search.start, search.lowest), search.highest)
      while !isExhausted, let holds = try holds(rate, isChecked: false, measure) {
        if holds { holding = rate } else { failing = rate }
        let next = holds ? min(rate * Self.growth, search.highest) : max(rate / Self.growth, search.lowest)
        if (holds && failing != nil) || (!holds && holding != nil) || next == rate { return }
        rate = next
      }
    }

    /// Halves the gap until it is as small as is asked for; what it comes to is measured once more, and where it then does not
    /// hold, the search goes on below it.
    mutating func narrow(_ measure: (Double) throws -> Measurement) throws {
      while !isExhausted, let low = holding, let high = failing {
        guard high > low * (1 + search.precision) else {
          guard try holds(low, isChecked: true, measure) == false else { return }
          try stepDown(below: low, measure)
          continue
        }
        let middle = (low * high).squareRoot()
        guard let holds = try holds(middle, isChecked: false, measure) else { return }
        if holds { holding = middle } else { failing = middle }
      }
    }

    /// `rate` turned out not to hold: the next lower one that does is taken in its stead.
    private mutating func stepDown(below rate: Double, _ measure: (Double) throws -> Measurement) throws {
      failing = rate
      holding = trials.filter { $0.holds && $0.rate < rate }.map(\.rate).max()
      var next = max(rate / Self.growth, search.lowest)
      while holding == nil, next < failing ?? rate, !isExhausted {
        guard let holds = try holds(next, isChecked: false, measure) else { return }
        if holds { holding = next } else { failing = next }
        next = max(next / Self.growth, search.lowest)
      }
    }

    var outcome: Outcome {
      let ending: Ending
      switch (holding, failing) {
      case (nil, _): ending = isExhausted ? .exhausted : .never
      case (_, nil): ending = isExhausted ? .exhausted : .always
      case (let low?, let high?):
        let isDoubtful = trials.contains { $0.rate == high && $0.measurements.contains(where: \.isDoubtful) }
        let isNear = high <= low * (1 + search.precision)
        ending = !isNear ? .exhausted : isDoubtful ? .client : .found
      }
      return Outcome(rate: holding, failing: failing, ending: ending, trials: trials)
    }
  }
}

extension LoadResult {
  /// What a search for the highest rate needs to know of this one.
  package var sweepMeasurement: SweepSearch.Measurement {
    SweepSearch.Measurement(kept: keptLevels, requests: arrivedInWindow, isDoubtful: !doubts.isEmpty)
  }
}
