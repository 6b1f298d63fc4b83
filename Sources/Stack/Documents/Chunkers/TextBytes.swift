import Foundation

/// The UTF-8 bytes of a text under a chunker: the one place where chunkers see a pointer.
///
/// Holds for the duration of `String.withTextBytes` alone.
struct TextBytes {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// Whether scalars and bytes are the same thing, so that lengths need no counting.
  private let isASCII: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var seen: UInt8 = 0
    for byte in bytes { seen |= byte }
    isASCII = seen < 0x80
  }

  var count: Int { bytes.count }

  subscript(offset: Int) -> UInt8 { bytes[offset] }

  /// Unicode scalars in the range: its bytes that do not continue one.
  ///
  /// - Complexity: O(1) for a text of ASCII, else O(bytes), eight at a time.
  func scalarCount(_ range: Range<Int>) -> Int {
    if isASCII { return range.count }
    var continued = 0
    var offset = range.lowerBound
    while offset + 8 <= range.upperBound {
      let word = UnsafeRawPointer(bytes.baseAddress! + offset).loadUnaligned(as: UInt64.self)
      // The highest bit set and the one below it clear, gathered in the lowest bit of every byte.
      let marks = (word >> 7) & ~(word >> 6) & 0x0101_0101_0101_0101
      continued &+= Int(truncatingIfNeeded: (marks &* 0x0101_0101_0101_0101) >> 56)
      offset += 8
    }
    while offset < range.upperBound {
      continued &+= bytes[offset] & 0xC0 == 0x80 ? 1 : 0
      offset += 1
    }
    return range.count - continued
  }

  /// The offset `count` scalars behind `start`, or the end of the range where it has fewer left.
  func offset(_ count: Int, scalarsBehind start: Int, in range: Range<Int>) -> Int {
    if isASCII { return min(start + count, range.upperBound) }
    var offset = start
    var left = count
    while left > 0, offset < range.upperBound {
      offset += scalarWidth(at: offset)
      left -= 1
    }
    return offset
  }

  /// Bytes of the scalar that starts at `offset`.
  func scalarWidth(at offset: Int) -> Int {
    switch bytes[offset] {
    case 0..<0x80: 1
    case 0..<0xE0: 2
    case 0..<0xF0: 3
    default: 4
    }
  }

  /// Where `pattern` (not empty) first occurs in the range, or nil.
  func firstOccurrence(of pattern: [UInt8], in range: Range<Int>) -> Int? {
    let head = pattern[0]
    var offset = range.lowerBound
    let last = range.upperBound - pattern.count
    while offset <= last {
      guard let found = memchr(head, from: offset, to: last + 1) else { return nil }
      var matched = 1
      while matched < pattern.count, bytes[found + matched] == pattern[matched] { matched += 1 }
      if matched == pattern.count { return found }
      offset = found + 1
    }
    return nil
  }

  /// The offset of the newline that ends the line at `start`, or the end of the text.
  func lineEnd(from start: Int) -> Int { memchr(0x0A, from: start, to: count) ?? count }

  private func memchr(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard let base = bytes.baseAddress, start < end,
      let found = Foundation.memchr(base + start, Int32(byte), end - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// The range without white space at its ends, as Python's `str.strip` sees it.
  func strippingWhiteSpace(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, let width = whiteSpaceWidth(at: start) { start += width }
    while start < end {
      var last = end - 1
      while last > start, bytes[last] & 0xC0 == 0x80 { last -= 1 }
      guard whiteSpaceWidth(at: last) != nil else { break }
      end = last
    }
    return start..<end
  }

  /// Bytes of the white-space scalar at `offset`, nil if another stands there. Python's set: that of Unicode's
  /// `White_Space` with U+001C…U+001F.
  private func whiteSpaceWidth(at offset: Int) -> Int? {
    let byte = bytes[offset]
    if byte < 0x80 { return byte == 0x20 || 0x09...0x0D ~= byte || 0x1C...0x1F ~= byte ? 1 : nil }
    let next = bytes[offset + 1]
    if byte == 0xC2 { return next == 0x85 || next == 0xA0 ? 2 : nil }
    guard byte == 0xE1 || byte == 0xE2 || byte == 0xE3 else { return nil }
    switch (byte, next, bytes[offset + 2]) {
    case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),
      (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
      return 3
    default: return nil
    }
  }

  func chunk(_ range: Range<Int>, metadata: [String: String] = [:]) -> Chunk {
    Chunk(
      text: String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self), start: range.lowerBound,
      end: range.upperBound, metadata: metadata)
  }
}

extension String {
  /// Calls `body` with this text's bytes, contiguous.
  func withTextBytes<Result>(_ body: (TextBytes) -> Result) -> Result {
    var copy = self
    return copy.withUTF8 { body(TextBytes($0)) }
  }
}
