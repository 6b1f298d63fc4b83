import Foundation

/// How long damaged input is tried: a bounded number of rounds, or `RAGMETER_FUZZ_ROUNDS`.
public enum Fuzz {
  public static func rounds(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["RAGMETER_FUZZ_ROUNDS"].flatMap(Int.init) ?? usual
  }

  /// `RAGMETER_FUZZ_SEED`, or a new one; tests print it where they fail.
  public static func seed() -> UInt64 {
    ProcessInfo.processInfo.environment["RAGMETER_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
  }
}

/// Steele, Lea and Flood's SplitMix64, for draws that a seed repeats.
public struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(_ seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Cuts, flips, repeats, drops or overwrites some of the bytes.
  public mutating func damage(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &self)
    let length = min(bytes.count - place, Int.random(in: 1...16, using: &self))
    switch Int.random(in: 0..<7, using: &self) {
    case 0: bytes.removeSubrange(place...)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
    case 2: bytes[place] = UInt8.random(in: 0...255, using: &self)
    case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 4: bytes.removeSubrange(place..<place + length)
    case 5:
      // Numbers that bounds are often wrong at.
      let numbers: [UInt64] = [0, 1, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40, .max >> 1, 1 << 63, .max]
      let number = numbers.randomElement(using: &self) ?? 0
      for index in 0..<min(8, bytes.count - place) { bytes[place + index] = UInt8(number >> (8 * index) & 0xFF) }
    default:
      let from = Int.random(in: 0...bytes.count - length, using: &self)
      for index in 0..<length { bytes[place + index] = bytes[from + index] }
    }
  }
}
