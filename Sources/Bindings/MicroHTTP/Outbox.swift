internal import Glibc

/// Bytes that a socket has not taken yet.
struct Outbox {
  enum Sent {
    case everything
    case part
    /// There is nobody to send to.
    case failed
  }

  private var bytes: [UInt8] = []
  private var start = 0
  /// Bytes that had to wait, and went.
  private(set) var sent = 0
  /// A buffer that held more than this is given back when it is empty.
  private static let kept = 4096

  var count: Int { bytes.count - start }
  var isEmpty: Bool { start == bytes.count }

  mutating func append(_ new: UnsafeRawBufferPointer, chunked: Bool) {
    if chunked { ChunkHead(new.count).withBytes { bytes += $0 } }
    bytes += new
    if chunked { bytes += ChunkHead.lineEnd }
  }

  mutating func clear() {
    bytes = []
    start = 0
  }

  /// Sends a piece without copying it; what the socket does not take is kept. The box is empty before.
  mutating func send(_ piece: UnsafeRawBufferPointer, chunked: Bool, to descriptor: Int32) -> Sent {
    guard chunked else { return finish(Self.send(piece, to: descriptor), of: [piece]) }
    return ChunkHead(piece.count).withBytes { head in
      ChunkHead.lineEnd.withUnsafeBytes { end in
        let parts = [head, piece, end]
        return finish(Self.send(parts, to: descriptor), of: parts)
      }
    }
  }

  /// Sends what waits.
  mutating func flush(to descriptor: Int32) -> Sent {
    while !isEmpty {
      let count = bytes.withUnsafeBytes { Self.send(UnsafeRawBufferPointer(rebasing: $0[start...]), to: descriptor) }
      guard let count else { return .failed }
      guard count > 0 else { return .part }
      start += count
      sent += count
    }
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.kept)
    start = 0
    return .everything
  }

  /// Keeps what is left of the parts.
  private mutating func finish(_ taken: Int?, of parts: [UnsafeRawBufferPointer]) -> Sent {
    guard var taken else { return .failed }
    for part in parts {
      let left = part.dropFirst(taken)
      taken -= part.count - left.count
      bytes += left
    }
    return isEmpty ? .everything : .part
  }

  /// - Returns: bytes taken, none where the socket is full; nil where there is nobody at the other end.
  private static func send(_ piece: UnsafeRawBufferPointer, to descriptor: Int32) -> Int? {
    send([piece], to: descriptor)
  }

  private static func send(_ parts: [UnsafeRawBufferPointer], to descriptor: Int32) -> Int? {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: parts.count) { vectors in
      for (index, part) in parts.enumerated() {
        vectors.initializeElement(
          at: index, to: iovec(iov_base: UnsafeMutableRawPointer(mutating: part.baseAddress), iov_len: part.count))
      }
      var message = msghdr()
      message.msg_iov = vectors.baseAddress
      message.msg_iovlen = parts.count
      while true {
        let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        if count >= 0 { return count }
        if errno == EAGAIN || errno == ENOBUFS { return 0 }
        guard errno == EINTR else { return nil }
      }
    }
  }
}

/// The line before a chunk (RFC 9112, section 7.1): its length in hexadecimal digits.
struct ChunkHead {
  static let lineEnd: [UInt8] = [0x0D, 0x0A]
  private let count: Int

  init(_ count: Int) { self.count = count }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: 18, alignment: 1) { buffer in
      var place = buffer.count - 2
      buffer[place] = 0x0D
      buffer[place + 1] = 0x0A
      var rest = count
      repeat {
        place -= 1
        let digit = UInt8(rest & 0xF)
        buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        rest >>= 4
      } while rest > 0
      return body(UnsafeRawBufferPointer(rebasing: buffer[place...]))
    }
  }
}
