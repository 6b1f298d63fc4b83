internal import Glibc

/// Cuts a stream of server-sent events (HTML Living Standard, section 9.2.6) into its events, however the bytes are split.
///
/// An event whose bytes come in one piece is handed on without being copied. Names and ids of events are of no use here and are
/// passed over, comments and unknown fields too.
package struct SSEParser {
  /// An event longer than the parser was allowed to keep.
  package struct TooLong: Error, Equatable, CustomStringConvertible {
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package var description: String { "an event of the stream is longer than \(limit) bytes" }
  }

  private let limit: Int
  /// The beginning of a line whose end has not come yet.
  private var line: [UInt8] = []
  /// Data of the event under way, as far as it had to be copied.
  private var data: [UInt8] = []
  private var hasData = false
  /// A carriage return was the last byte, and a line feed that follows belongs to it.
  private var endsWithReturn = false
  private var isFirstLine = true

  package init(limit: Int = 16 << 20) { self.limit = limit }

  /// Whether an event has begun that its blank line has not ended.
  package var isInEvent: Bool { hasData || !line.isEmpty }

  /// Hands on the data of each event that these bytes end; the memory is gone when `event` returns.
  ///
  /// - Throws: what `event` throws, and `TooLong`.
  /// - Complexity: O(bytes).
  package mutating func consume(
    _ bytes: UnsafeRawBufferPointer, _ event: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    /// Of the event's only line of data so far; valid for this call.
    var direct: UnsafeRawBufferPointer?
    var rest = bytes[...]
    if endsWithReturn, let first = rest.first {
      endsWithReturn = false
      if first == 0x0A { rest = rest.dropFirst() }
    }
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      guard let end = Self.lineEnd(piece) else {
        guard line.count + data.count + piece.count <= limit else { throw TooLong(limit: limit) }
        line += piece
        break
      }
      var width = 1
      if piece[end] == 0x0D {
        if end + 1 == piece.count { endsWithReturn = true } else if piece[end + 1] == 0x0A { width = 2 }
      }
      rest = rest.dropFirst(end + width)
      if line.isEmpty {
        try take(UnsafeRawBufferPointer(rebasing: piece[..<end]), &direct, staysValid: true, event)
      } else {
        guard line.count + data.count + end <= limit else { throw TooLong(limit: limit) }
        line += piece[..<end]
        var whole: [UInt8] = []
        swap(&whole, &line)
        defer {
          whole.removeAll(keepingCapacity: true)
          swap(&whole, &line)
        }
        try whole.withUnsafeBytes { try take($0, &direct, staysValid: false, event) }
      }
    }
    if let direct { data += direct }
  }

  private static func lineEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let feed = memchr(start, 0x0A, bytes.count).map { UnsafeRawPointer($0) - start }
    let other = memchr(start, 0x0D, feed ?? bytes.count).map { UnsafeRawPointer($0) - start }
    return other ?? feed
  }

  private mutating func take(
    _ whole: UnsafeRawBufferPointer, _ direct: inout UnsafeRawBufferPointer?, staysValid: Bool,
    _ event: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var line = whole
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeRawBufferPointer(rebasing: line[3...]) }
    }
    guard !line.isEmpty else { return try dispatch(&direct, event) }
    guard let value = Self.dataField(line) else { return }
    guard hasData || !staysValid else {
      hasData = true
      direct = value
      return
    }
    if let first = direct {
      data += first
      direct = nil
    }
    guard data.count + value.count < limit else { throw TooLong(limit: limit) }
    if hasData { data.append(0x0A) }
    hasData = true
    data += value
  }

  /// The value of a line of data, without the one space that may stand before it.
  private static func dataField(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let count: Int
    if line.starts(with: "data".utf8) {
      count = 4
    } else if line.starts(with: "error".utf8) {
      // llama.cpp's servers till 2025 wrote errors as a field of this name, which the standard does not have.
      count = 5
    } else {
      return nil
    }
    if line.count == count { return UnsafeRawBufferPointer(rebasing: line[count...]) }
    guard line[count] == UInt8(ascii: ":") else { return nil }
    let start = line.count > count + 1 && line[count + 1] == 0x20 ? count + 2 : count + 1
    return UnsafeRawBufferPointer(rebasing: line[start...])
  }

  private mutating func dispatch(
    _ direct: inout UnsafeRawBufferPointer?, _ event: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard hasData else { return }
    hasData = false
    if let whole = direct {
      direct = nil
      return try event(whole)
    }
    defer { data.removeAll(keepingCapacity: true) }
    try data.withUnsafeBytes { try event($0) }
  }
}
