import Tokenizers

/// A token for each byte, and some that say more.
struct ByteTokenizer: Tokenizer {
  static let end: Int32 = 256
  /// From 260 on.
  static let words = ["STOP", " world", "héllo", "o", "OP", "ST"]

  static func word(_ text: String) -> Int32 { Int32(260 + (words.firstIndex(of: text) ?? 0)) }

  var vocabularySize: Int { FakeExecutor.vocabularySize }

  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    encoding.ids = text.utf8.map { Int32($0) }
    return encoding
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    var bytes: [UInt8] = []
    for id in ids {
      switch Int(id) {
      case 0..<256: bytes.append(UInt8(id))
      case 256 where !skipSpecialTokens: bytes += "<end>".utf8
      case 260..<260 + Self.words.count: bytes += Self.words[Int(id) - 260].utf8
      default: break
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
