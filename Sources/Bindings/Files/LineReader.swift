import Glibc

/// Lines of a stream as they arrive: a line is handed out before more is read than came with it.
package final class LineReader {
  /// One line, without its newline; valid until the next is asked for.
  package struct Line {
    package let bytes: UnsafeRawBufferPointer
    /// Counted from 1.
    package let number: Int
  }

  private let descriptor: Int32
  private let name: String
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// What was read and not handed out.
  private var pending = 0..<0
  private var number = 0
  private var isAtEnd = false

  /// - Parameter name: what errors call the stream. The descriptor stays the caller's.
  package init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit { buffer.deallocate() }

  /// Whether a whole line was read that is not handed out yet: asking for it waits for nobody.
  ///
  /// - Complexity: O(bytes of the line).
  package var hasLine: Bool {
    guard let base = buffer.baseAddress, !pending.isEmpty else { return false }
    return memchr(base + pending.lowerBound, 0x0A, pending.count) != nil
  }

  /// The next line; `nil` at the end. A last line need not end in a newline.
  ///
  /// - Throws: `DataError.unavailable` if the stream cannot be read.
  /// - Complexity: O(bytes of the line), and as much memory.
  package func next() throws -> Line? {
    var searched = 0
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[pending])
      if let base = rest.baseAddress, let found = memchr(base + searched, 0x0A, rest.count - searched) {
        let length = UnsafeRawPointer(found) - base
        pending = pending.lowerBound + length + 1..<pending.upperBound
        return line(rest.prefix(length))
      }
      searched = rest.count
      guard !isAtEnd, try fill() else {
        pending = 0..<0
        return rest.isEmpty ? nil : line(rest[...])
      }
    }
  }

  private func line(_ bytes: Slice<UnsafeRawBufferPointer>) -> Line {
    number += 1
    return Line(bytes: UnsafeRawBufferPointer(rebasing: bytes), number: number)
  }

  /// Reads what is there behind what is pending; false at the end.
  private func fill() throws -> Bool {
    if pending.lowerBound > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
      pending = 0..<pending.count
    }
    if pending.upperBound == buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    while true {
      let count = read(descriptor, buffer.baseAddress! + pending.upperBound, buffer.count - pending.upperBound)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw DataError.unavailable(name: name, reason: "cannot be read: \(String(cString: strerror(errno)))")
      }
      pending = 0..<pending.upperBound + count
      isAtEnd = count == 0
      return !isAtEnd
    }
  }
}
