internal import Statistics

/// How long prompts, or outputs, are: one length, uniform between two, or log-normal with a stated mean.
package enum LengthLaw: Sendable, Hashable {
  case fixed(Int)
  case uniform(ClosedRange<Int>)
  /// With its mean in tokens and the standard deviation of its logarithm; truncated where the model's context ends, which
  /// leaves the mean what it is.
  case logNormal(mean: Double, sigma: Double)

  /// The spread of lengths in the conversations of Azure's trace of 2023, whose logarithms have standard deviations of 0.99
  /// for prompts and 0.86 for answers: what is taken where a spread is not said.
  package static let usualSigma = 1.0

  /// More tokens than any model's context.
  static let longest = 1 << 24

  /// Of one word: `512`, `32-256`, `~161`.
  ///
  /// - Returns: `nil` for another word, and for lengths that are none.
  package init?(_ word: String, sigma: Double? = nil) {
    if word.hasPrefix("~") {
      guard let mean = Double(word.dropFirst()), mean >= 1, mean <= Double(Self.longest) else { return nil }
      self = .logNormal(mean: mean, sigma: sigma ?? Self.usualSigma)
      return
    }
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let low = ends[0], let high = ends.last ?? nil, ends.count <= 2, low >= 1, low <= high, high <= Self.longest
    else { return nil }
    self = ends.count == 1 ? .fixed(low) : .uniform(low...high)
  }

  var isLogNormal: Bool {
    if case .logNormal = self { true } else { false }
  }

  /// The longest that is drawn; `nil` where only the model's context ends it.
  var bound: Int? {
    switch self {
    case .fixed(let length): length
    case .uniform(let range): range.upperBound
    case .logNormal: nil
    }
  }

  /// Ready to draw lengths of at most `bound`.
  ///
  /// - Throws: `EngineError` if the law gives longer ones, or has a mean that does not go with the bound.
  func drawing(bound: Int) throws(EngineError) -> Drawing {
    switch self {
    case .fixed, .uniform:
      guard let longest = self.bound, longest <= bound else {
        throw EngineError("lengths up to \(self.bound ?? 0) do not fit into the \(bound) tokens that are left for them")
      }
      return Drawing(law: self, distribution: nil, bound: bound)
    case .logNormal(let mean, let sigma):
      guard let distribution = TruncatedLogNormal(mean: mean, sigma: sigma, bound: Double(bound)) else {
        let most = Int(TruncatedLogNormal.largestMean * Double(bound))
        throw EngineError("a mean of \(mean) is too near the longest, \(bound); it is at most \(most)")
      }
      return Drawing(law: self, distribution: distribution, bound: bound)
    }
  }

  /// A law under a bound.
  struct Drawing: Sendable {
    fileprivate let law: LengthLaw
    fileprivate let distribution: TruncatedLogNormal?
    fileprivate let bound: Int

    func callAsFunction(_ random: inout SplitMix64) -> Int {
      switch law {
      case .fixed(let length): length
      case .uniform(let range): Int.random(in: range, using: &random)
      case .logNormal:
        // A 53-bit fraction, the same on every machine.
        min(bound, max(1, Int((distribution?.quantile(Double(random.next() >> 11) * 0x1p-53) ?? 1).rounded())))
      }
    }
  }
}
