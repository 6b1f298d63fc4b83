/// GPT-2's printable alphabet: one scalar for each byte, in which vocabularies and merges are written down.
enum ByteAlphabet {
  /// The scalar of each byte: itself where it is printable Latin-1, else the next free one from U+0100.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? "\u{FFFD}"
      }
    }
  }()

  static let printable: ClosedRange<UInt8> = 0x21...0x7E

  private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a written token stands for, or nil if a scalar of it is outside the alphabet.
  static func decode(_ token: String) -> [UInt8]? {
    var decoded: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      decoded.append(byte)
    }
    return decoded
  }
}
