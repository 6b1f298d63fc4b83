internal import Foundation
internal import Statistics

/// Draws passages as questions of users need them: few often, most seldom.
struct PassageDraw: Sendable {
  let passages: [String]
  private let count: Int
  /// Places of `passages`, the most popular first.
  private let ranking: [Int]
  /// Of chances, by rank.
  private let cumulative: [Double]
  private let seed: UInt64

  /// - Throws: `EngineError` for more passages than there are.
  init(_ passages: [String], count: Int, exponent: Double, seed: UInt64) throws(EngineError) {
    guard count >= 1, count <= passages.count else {
      throw EngineError("\(count) passages are to stand before a question, and the corpus has \(passages.count)")
    }
    self.passages = passages
    self.count = count
    self.seed = seed
    var random = SplitMix64(seed: seed)
    ranking = Array(passages.indices).shuffled(using: &random)
    var sum = 0.0
    cumulative = passages.indices.map { rank in
      sum += pow(Double(rank + 1), -exponent)
      return sum
    }
  }

  /// Places of the passages of one question, all different, in the order in which they were drawn. O(count · log passages).
  func draw(_ number: Int) -> [Int] {
    var random = SplitMix64(seed: seed ^ (UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    var drawn: [Int] = []
    // A steep law draws the same again and again; then the next popular ones are taken.
    var tries = 32 * count
    while drawn.count < count, tries > 0 {
      tries -= 1
      let place = ranking[rank(of: Double(random.next() >> 11) * 0x1p-53)]
      if !drawn.contains(place) { drawn.append(place) }
    }
    for place in ranking where drawn.count < count && !drawn.contains(place) { drawn.append(place) }
    return drawn
  }

  private func rank(of share: Double) -> Int {
    let wanted = share * (cumulative.last ?? 0)
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
