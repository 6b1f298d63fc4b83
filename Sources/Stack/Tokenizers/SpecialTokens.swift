/// Tokens that stand for themselves wherever a text spells them out: [CLS], <|im_start|>, ….
struct SpecialTokens: Sendable {
  struct Token: Sendable {
    var id: Int32
    var content: String
    var bytes: [UInt8]
  }

  /// Longest first, so that the longest of two that start alike wins.
  let tokens: [Token]
  let ids: Set<Int32>
  private let isFirstByte: [Bool]

  init(_ contents: [(content: String, id: Int32)]) {
    tokens =
      contents.filter { !$0.content.isEmpty }
      .map { Token(id: $0.id, content: $0.content, bytes: Array($0.content.utf8)) }
      .sorted { $0.bytes.count > $1.bytes.count }
    ids = Set(tokens.map(\.id))
    var first = [Bool](repeating: false, count: 256)
    for token in tokens { first[Int(token.bytes[0])] = true }
    isFirstByte = first
  }

  func id(_ content: String) -> Int32? { tokens.first { $0.content == content }?.id }

  /// Hands out the parts of a text in order: plain stretches, none empty, and special tokens.
  func forEachPart(
    of bytes: UnsafeBufferPointer<UInt8>, plain: (Range<Int>) -> Void, special: (Int32, Range<Int>) -> Void
  ) {
    var start = 0
    var offset = 0
    while offset < bytes.count {
      if isFirstByte[Int(bytes[offset])], let token = token(at: offset, in: bytes) {
        if offset > start { plain(start..<offset) }
        start = offset + token.bytes.count
        special(token.id, offset..<start)
        offset = start
      } else {
        offset += 1
      }
    }
    if bytes.count > start { plain(start..<bytes.count) }
  }

  private func token(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Token? {
    tokens.first { token in
      bytes.count - offset >= token.bytes.count
        && token.bytes.indices.allSatisfy { bytes[offset + $0] == token.bytes[$0] }
    }
  }
}
