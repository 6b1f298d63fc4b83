/// The words of a text and their pairs, as 64-bit hashes that are equal on every machine.
///
/// A word is a run of letters, marks and digits in lower case; ideographs and kana, which are written without spaces, are
/// words of their own.
struct HashedFeatures {
  private(set) var words = 0
  private var hashes: [UInt64] = []

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  init(of text: String) {
    var word: UInt64?
    var previous: UInt64?
    func end() {
      guard let finished = word else { return }
      words += 1
      hashes.append(Self.mixed(finished))
      if let previous {
        var pair = Self.extended(previous, 0x20)
        for shift in stride(from: 0, to: 64, by: 8) {
          pair = Self.extended(pair, UInt8(truncatingIfNeeded: finished >> shift))
        }
        hashes.append(Self.mixed(pair))
      }
      previous = finished
      word = nil
    }
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x30...0x39, 0x61...0x7A: word = Self.extended(word ?? Self.seed, UInt8(scalar.value))
      case 0x41...0x5A: word = Self.extended(word ?? Self.seed, UInt8(scalar.value + 0x20))
      case 0..<0x80: end()
      case 0x3041...0x30FF, 0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
        end()
        word = Self.extended(Self.seed, scalar)
        end()
      default:
        guard Self.isPartOfWord(scalar) else {
          end()
          continue
        }
        for folded in scalar.properties.lowercaseMapping.unicodeScalars {
          word = Self.extended(word ?? Self.seed, folded)
        }
      }
    }
    end()
    hashes.sort()
  }

  /// Every distinct feature with the number of times it occurs, in the order of the hashes.
  func forEachCounted(_ receive: (UInt64, Int) -> Void) {
    var start = 0
    while start < hashes.count {
      var end = start + 1
      while end < hashes.count, hashes[end] == hashes[start] { end += 1 }
      receive(hashes[start], end - start)
      start = end
    }
  }

  private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }

  /// FNV-1a (Fowler, Noll and Vo).
  private static func extended(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  private static func extended(_ hash: UInt64, _ scalar: Unicode.Scalar) -> UInt64 {
    UTF8.encode(scalar)!.reduce(hash, extended)
  }

  /// MurmurHash3's finaliser, so that bucket and sign depend on every bit.
  private static func mixed(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash >> 33)
  }
}
