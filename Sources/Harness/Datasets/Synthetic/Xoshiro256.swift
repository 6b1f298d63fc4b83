/// xoshiro256** 1.0 (Blackman and Vigna, 2018, prng.di.unimi.it), seeded through SplitMix64 as its authors advise.
///
/// The same seed gives the same numbers on every machine. Not for secrets.
public struct Xoshiro256: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var splitMix = seed
    func next() -> UInt64 {
      splitMix &+= 0x9e37_79b9_7f4a_7c15
      var z = splitMix
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// An independent stream of the same seed.
  public init(seed: UInt64, stream: UInt64) {
    var parent = Xoshiro256(seed: seed)
    self.init(seed: parent.next() ^ (stream &* 0x9e37_79b9_7f4a_7c15))
  }

  @inline(__always)
  public mutating func next() -> UInt64 {
    let result = rotate(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, 45)
    return result
  }

  /// Uniform in 0..<bound without bias (Lemire, 2019); `bound` must be positive.
  public mutating func below(_ bound: Int) -> Int {
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// `count` different rows of 0..<bound, in the order drawn (Floyd's sampling would sort them; Fisher and Yates does not).
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    var moved: [Int: Int] = [:]
    return (0..<min(count, bound)).map { position in
      let drawn = position + below(bound - position)
      let value = moved[drawn] ?? drawn
      moved[drawn] = moved[position] ?? position
      return value
    }
  }

  /// Nearly normal, mean 0 and variance 1: the sum of four uniform 16-bit numbers (Irwin and Hall), from one draw.
  ///
  /// Integers alone, because the logarithm that a truly normal number needs differs between mathematical libraries.
  @inline(__always)
  mutating func roughNormal() -> Float {
    let bits = next()
    let sum = (bits & 0xffff) &+ (bits >> 16 & 0xffff) &+ (bits >> 32 & 0xffff) &+ (bits >> 48)
    // Mean 2 (2¹⁶ − 1); variance 4 (2³² − 1)/12, whose root is 37 837.2.
    return (Float(sum) - 131_070) * 2.642_899_8e-5
  }

  /// As `roughNormal`, with lighter shoulders: three draws, twelve numbers.
  mutating func normal() -> Float { (roughNormal() + roughNormal() + roughNormal()) * 0.577_350_27 }

  @inline(__always)
  private func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
}
