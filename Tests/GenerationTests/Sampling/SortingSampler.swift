import Foundation
import Generation

/// What the sampler must do, written down plainly: sort everything, cut, and invert the distribution.
struct SortingSampler {
  var parameters: SamplingParameters
  var row: [Float]

  private func comesBefore(_ a: Int, _ b: Int) -> Bool { row[a] > row[b] || row[a] == row[b] && a < b }

  /// Tokens that may come with their probabilities, in the order of ids; and how far from its limits `topP` was decided.
  func distribution() -> (tokens: [(id: Int, probability: Double)], margin: Double) {
    var kept = row.indices.filter { row[$0] > -.infinity }.sorted(by: comesBefore)
    let highest = Double(row[kept[0]])
    func weight(_ id: Int) -> Double {
      let power = (Double(row[id]) - highest) / Double(parameters.temperature)
      return pow2(power * 1.4426950408889634)
    }
    var margin = 1.0
    if parameters.minP > 0 {
      for id in kept { margin = min(margin, abs(weight(id) / Double(parameters.minP) - 1)) }
      kept = kept.filter { weight($0) >= Double(parameters.minP) }
    }
    if parameters.topK > 0 { kept = Array(kept.prefix(parameters.topK)) }
    if parameters.topP < 1 {
      let mass = kept.reduce(0) { $0 + weight($1) }
      var sum = 0.0
      var count = 0
      while count < kept.count, sum < Double(parameters.topP) * mass {
        sum += weight(kept[count])
        count += 1
        margin = min(margin, abs(sum / mass - Double(parameters.topP)))
      }
      kept = Array(kept.prefix(count))
    }
    let mass = kept.reduce(0) { $0 + weight($1) }
    return (kept.sorted().map { ($0, weight($0) / mass) }, margin)
  }

  /// What weighs less than float32's normal numbers weighs nothing.
  private func pow2(_ power: Double) -> Double { power > -126 ? exp2(power) : 0 }

  /// The tokens that a number may draw, where rounding may decide.
  func tokens(at uniform: Double, within error: Double) -> Set<Int> {
    var passed = 0.0
    var found: Set<Int> = []
    for (id, probability) in distribution().tokens where probability > 0 {
      if uniform < passed + probability + error, uniform >= passed - error { found.insert(id) }
      passed += probability
    }
    return found
  }
}
