internal import Foundation
internal import Statistics

/// Gamma distributed numbers. Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26,
/// 2000; shapes below 1 by its section 6.
struct GammaDistribution: Sendable, Hashable {
  /// Both above 0.
  let shape: Double
  let scale: Double

  func sample(_ random: inout SplitMix64) -> Double {
    guard shape < 1 else { return scale * Self.standard(shape, &random) }
    let larger = Self.standard(shape + 1, &random)
    return scale * larger * pow(1 - random.uniform(), 1 / shape)
  }

  /// Of scale 1, and of a shape of at least 1.
  private static func standard(_ shape: Double, _ random: inout SplitMix64) -> Double {
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal(&random)
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log(1 - random.uniform()) < x * x / 2 + d - d * v + d * log(v) { return d * v }
    }
  }

  /// Box and Muller's, of which the second is left: a draw then takes the same random numbers whatever came before it.
  private static func normal(_ random: inout SplitMix64) -> Double {
    let radius = (-2 * log(1 - random.uniform())).squareRoot()
    return radius * cos(2 * Double.pi * random.uniform())
  }
}

extension SplitMix64 {
  /// In 0..<1, a 53-bit fraction: the same on every machine.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
