internal import Files
import Glibc

/// Owns an iconv descriptor that turns an encoding into UTF-8.
final class CharacterConversion {
  private let descriptor: iconv_t

  /// - Throws: `DataError.invalid` for an encoding that the C library does not know.
  init(from charset: String) throws {
    descriptor = iconv_open("UTF-8", charset)
    // iconv's failure is the pointer −1.
    guard descriptor != iconv_t(bitPattern: -1) else {
      throw DataError.invalid("no encoding is called '\(charset)'; convert the text to UTF-8")
    }
  }

  deinit { iconv_close(descriptor) }

  /// The text in UTF-8; each byte (or half-finished sequence at the end) that means nothing becomes U+FFFD and is counted.
  ///
  /// - Complexity: O(bytes).
  func utf8(_ source: UnsafeRawBufferPointer) throws -> (bytes: [UInt8], repairs: Int) {
    var output: [UInt8] = []
    output.reserveCapacity(source.count + source.count / 4)
    var repairs = 0
    var input = UnsafeMutablePointer(mutating: source.assumingMemoryBound(to: CChar.self).baseAddress)
    var left = source.count
    let room = 1 << 16
    let piece = UnsafeMutablePointer<CChar>.allocate(capacity: room)
    defer { piece.deallocate() }
    while left > 0 {
      var target: UnsafeMutablePointer<CChar>? = piece
      var free = room
      let code = iconv(descriptor, &input, &left, &target, &free)
      let reason = errno
      output += UnsafeRawBufferPointer(start: piece, count: room - free)
      if code != -1 || reason == E2BIG { continue }
      output += [0xEF, 0xBF, 0xBD]
      repairs += 1
      if reason == EINVAL { break }
      input = input.map { $0 + 1 }
      left -= 1
    }
    return (output, repairs)
  }
}
