import Foundation

/// How values are laid along an axis, and where it is labelled. Positions are what gnuplot sees; its axes stay linear.
struct Axis: Sendable {
  enum Scale: Sendable {
    /// From 0.
    case linear
    /// Linear over the values alone: for points, whose distances count and not their heights.
    case near
    case logarithmic
    /// Spread near 1, as −log₁₀(1 − x): 0.9, 0.99 and 0.999 are equally far apart. From `cap` on everything is "1".
    case nines(cap: Double)
  }

  struct Tick: Equatable {
    var position: Double
    /// Empty for a minor one.
    var label: String
  }

  var title: String
  var scale: Scale
  /// SI, as in `MetricValue`, or "score": how ticks are written.
  var unit: String

  func position(_ value: Double) -> Double {
    switch scale {
    case .linear, .near: value
    case .logarithmic: value > 0 ? log10(value) : .nan
    case .nines(let cap): min(-log10(max(1 - value, 1e-12)), cap)
    }
  }

  /// An axis of recalls, whose end is no farther than the values need.
  static func recall(_ title: String, values: [Double]) -> Axis {
    let inner = values.filter { $0 < 1 - 1e-4 }.map { -log10(1 - $0) }
    return Axis(title: title, scale: .nines(cap: min(4, max((inner.max() ?? 0) + 0.5, 2.5))), unit: "ratio")
  }

  /// The span of positions to show for these values.
  func range(of values: [Double]) -> ClosedRange<Double> {
    let positions = values.map(position).filter(\.isFinite)
    guard let low = positions.min(), let high = positions.max() else { return 0...1 }
    switch scale {
    case .linear: return 0...(high > 0 ? high * 1.08 : 1)
    case .near:
      let margin = max((high - low) * 0.07, 0.02)
      return (low - margin)...(high + margin)
    // Close values, or a single one: the axis still shows half a decade.
    case .logarithmic:
      let margin = max((high - low) * 0.07, (0.5 - (high - low)) / 2, 0.04)
      return (low - margin)...(high + margin)
    case .nines:
      let margin = max((high - low) * 0.05, 0.05)
      return max(min(low - margin, high - 0.8), -0.02)...(high + margin)
    }
  }

  /// Ticks within a span of positions, as many labelled as stay readable on an axis of `length` pixels, the rounder
  /// values first.
  ///
  /// - Parameter alongText: whether labels stand side by side along the axis, and not one above the other.
  func ticks(in range: ClosedRange<Double>, length: Double, alongText: Bool) -> [Tick] {
    let candidates: [Candidate] =
      switch scale {
      case .linear, .near: linearTicks(in: range)
      case .logarithmic: logarithmicTicks(in: range)
      case .nines(let cap): nineTicks(in: range, cap: cap)
      }
    let pixels = length / (range.upperBound - range.lowerBound)
    func half(_ label: String) -> Double { alongText ? PlotScript.width(of: label) / 2 + 6 : 14 }
    var labelled: [Candidate] = []
    for candidate in candidates.sorted(by: { $0.rank < $1.rank }) where !candidate.label.isEmpty {
      let isFree = labelled.allSatisfy {
        abs($0.position - candidate.position) * pixels >= half($0.label) + half(candidate.label)
      }
      if isFree { labelled.append(candidate) }
    }
    let places = Set(labelled.map(\.position))
    return candidates.filter { places.contains($0.position) || $0.isMinor }
      .map { Tick(position: $0.position, label: places.contains($0.position) ? $0.label : "") }
  }

  private struct Candidate {
    var position: Double
    var label: String
    /// The lower, the sooner it is labelled.
    var rank: Int
    /// Shown also without a label.
    var isMinor = false
  }

  private func linearTicks(in range: ClosedRange<Double>) -> [Candidate] {
    let rough = (range.upperBound - range.lowerBound) / 4
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
    let first = Int((range.lowerBound / step).rounded(.up))
    let last = Int((range.upperBound / step).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { Candidate(position: Double($0) * step, label: text(Double($0) * step), rank: 0) }
  }

  private func logarithmicTicks(in range: ClosedRange<Double>) -> [Candidate] {
    let span = range.upperBound - range.lowerBound
    let labelled = span > 2.5 ? [1] : span > 1.3 ? [1, 3] : span > 0.7 ? [1, 2, 5] : [1, 2, 5, 3, 7, 4, 6, 8, 9]
    var ticks: [Candidate] = []
    for decade in Int(floor(range.lowerBound))...Int(ceil(range.upperBound)) {
      for digit in 1...9 {
        let value = Double(digit) * pow(10, Double(decade))
        guard range.contains(log10(value)) else { continue }
        let rank = labelled.firstIndex(of: digit)
        ticks.append(
          Candidate(position: log10(value), label: rank == nil ? "" : text(value), rank: rank ?? 9, isMinor: true))
      }
    }
    return ticks
  }

  private func nineTicks(in range: ClosedRange<Double>, cap: Double) -> [Candidate] {
    let values = [0.9, 0.99, 0.999, 0.95, 0.5, 0.9999, 0, 0.8, 0.995, 0.98, 0.7, 0.9995, 0.998]
    let ticks = values.enumerated().compactMap { rank, value -> Candidate? in
      let place = position(value)
      guard range.contains(place), place < cap - 0.15 else { return nil }
      return Candidate(position: place, label: unit == "percentile" ? percentile(value) : number(value), rank: rank + 1)
    }
    guard range.contains(cap), unit == "ratio" else { return ticks }
    return ticks + [Candidate(position: cap, label: "1", rank: 0)]
  }

  private func number(_ value: Double) -> String { String(format: "%g", value) }

  private func percentile(_ value: Double) -> String { value == 0 ? "min" : "p" + String(format: "%g", value * 100) }

  /// As few digits as tell ticks apart: 20 ms and not 20.0 ms.
  private func text(_ value: Double) -> String {
    if unit == "score" { return number(value) }
    let text = HumanNumber.text(value, unit: unit)
    guard let point = text.firstIndex(of: ".") else { return text }
    let end = text[point...].dropFirst().firstIndex { !$0.isNumber } ?? text.endIndex
    var decimals = text[point..<end]
    while decimals.last == "0" { decimals.removeLast() }
    if decimals == "." { decimals = "" }
    return String(text[..<point] + decimals + text[end...])
  }
}
