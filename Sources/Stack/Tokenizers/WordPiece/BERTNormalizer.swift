import Foundation

/// What BERT's normaliser and pre-tokenizer make of one scalar at a time: control characters dropped, white space, each
/// CJK ideograph and each punctuation mark on its own, accents stripped after NFD, lower case.
///
/// Follows Hugging Face `tokenizers`, whose tables are those of Unicode 8: a scalar that is younger keeps its accents and
/// is no punctuation, which Swift's `age` tells. Being per scalar, it does not reorder combining marks that it keeps.
struct BERTNormalizer: Sendable {
  let lowercase: Bool
  let stripAccents: Bool
  let cleanText: Bool
  let separateCJK: Bool

  /// What becomes of a scalar, without a reference to count.
  enum Outcome: Sendable {
    case dropped
    case space
    /// A token of its own.
    case isolated(ScalarBytes)
    /// Part of a word.
    case letters(ScalarBytes)
  }

  /// The UTF-8 bytes that one scalar becomes: at most 16, the longest being a symbol of three scalars of four bytes.
  struct ScalarBytes: Sendable {
    let bytes: SIMD16<UInt8>
    let count: Int

    init(_ scalars: [Unicode.Scalar]) {
      var bytes = SIMD16<UInt8>()
      var count = 0
      for byte in scalars.lazy.flatMap({ UTF8.encode($0) ?? UTF8.encodedReplacementCharacter }) where count < 16 {
        bytes[count] = byte
        count += 1
      }
      self.bytes = bytes
      self.count = count
    }
  }

  func outcome(of scalar: Unicode.Scalar) -> Outcome {
    if cleanText {
      if Self.isControl(scalar) { return .dropped }
    }
    if scalar.properties.isWhitespace { return .space }
    let normal = normalized(scalar)
    guard let first = normal.first else { return .dropped }
    let bytes = ScalarBytes(normal)
    if separateCJK, Self.isCJK(scalar) { return .isolated(bytes) }
    return normal.count == 1 && Self.isPunctuation(first) ? .isolated(bytes) : .letters(bytes)
  }

  private func normalized(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    var scalars = [scalar]
    if stripAccents {
      scalars = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      scalars.removeAll { Self.isNonspacingMark($0) }
    }
    return lowercase ? scalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars } : scalars
  }

  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: return false
    case 0, 0xFFFD: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .privateUse: return true
    case .format: return isOld(scalar)
    default: return false
    }
  }

  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
    case 0..<0x80: return false
    // Punctuation in Unicode 8, something else since.
    case 0x166D, 0x111C9: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return isOld(scalar)
    default: return false
    }
  }

  static func isNonspacingMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Their category changed after Unicode 8.
    case 0x1734, 0x1171E: return true
    case 0x1885, 0x1886, 0x111C9, 0xA9BD: return false
    default: return scalar.properties.generalCategory == .nonspacingMark && isOld(scalar)
    }
  }

  static func isCJK(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F, 0x2B920...0x2CEAF,
      0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }

  private static func isOld(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 8 } ?? false
  }
}
