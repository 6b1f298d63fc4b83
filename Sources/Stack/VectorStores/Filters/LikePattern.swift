/// The pattern of a `like`: `%` stands for any characters, `_` for one, and either for itself behind a backslash.
struct LikePattern: Equatable {
  /// One piece of text between `%`: UTF-8, nil where any one character may stand.
  typealias Piece = [UInt8?]

  /// The text between the `%`, of which there is one fewer than pieces.
  private let pieces: [Piece]

  init(_ text: FilterText) {
    var pieces: [Piece] = [[]]
    for element in text.elements {
      if !element.isEscaped, element.scalar == "%" {
        pieces.append([])
      } else if !element.isEscaped, element.scalar == "_" {
        pieces[pieces.count - 1].append(nil)
      } else {
        pieces[pieces.count - 1] += Array(String(element.scalar).utf8)
      }
    }
    self.pieces = pieces
  }

  /// The same pattern in another language: what stands for any text, for one character, and for a character itself.
  func written(any: String, one: String, itself: (Unicode.Scalar) -> String) -> String {
    var written = ""
    for (place, piece) in pieces.enumerated() {
      if place > 0 { written += any }
      for part in piece.split(separator: UInt8?.none, omittingEmptySubsequences: false).enumerated() {
        if part.offset > 0 { written += one }
        for scalar in String(decoding: part.element.compactMap { $0 }, as: UTF8.self).unicodeScalars {
          written += itself(scalar)
        }
      }
    }
    return written
  }

  /// - Complexity: O(text × longest piece).
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard var at = end(of: pieces[0], in: text, at: 0) else { return false }
    if pieces.count == 1 { return at == text.count }
    for piece in pieces.dropFirst().dropLast() {
      guard let next = firstEnd(of: piece, in: text, from: at) else { return false }
      at = next
    }
    return lastStands(pieces[pieces.count - 1], in: text, from: at)
  }

  /// Where the first piece of that text at or after `start` ends; the earliest leaves most to those that follow.
  private func firstEnd(of piece: Piece, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var at = start
    while at <= text.count {
      if let end = end(of: piece, in: text, at: at) { return end }
      at += 1
      while at < text.count, Self.continues(text[at]) { at += 1 }
    }
    return nil
  }

  /// Whether the text ends with the piece, which begins at or after `start`.
  private func lastStands(_ piece: Piece, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var at = text.count
    for byte in piece.reversed() {
      guard at > start else { return false }
      at -= 1
      if let byte {
        if text[at] != byte { return false }
      } else {
        while at > start, Self.continues(text[at]) { at -= 1 }
      }
    }
    return true
  }

  /// Where the piece ends that stands at `start`.
  private func end(of piece: Piece, in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    var at = start
    for byte in piece {
      guard at < text.count else { return nil }
      if let byte {
        guard text[at] == byte else { return nil }
        at += 1
      } else {
        at += 1
        while at < text.count, Self.continues(text[at]) { at += 1 }
      }
    }
    return at
  }

  /// Whether the byte is not the first of a character.
  private static func continues(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
