import CZlib

/// Owns zlib's state over compressed bytes in memory, and hands out what they inflate to piece by piece.
package final class Inflater {
  package enum Format {
    /// A gzip file (RFC 1952).
    case gzip
    /// A bare deflate stream (RFC 1951), as a zip archive holds it.
    case deflate
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let source: UnsafeRawBufferPointer
  private let path: String
  private let format: Format
  private var fed = 0
  private var isFinished = false

  /// `source` must outlive the inflater.
  package init(_ source: UnsafeRawBufferPointer, path: String, format: Format = .gzip) throws {
    self.source = source
    self.path = path
    self.format = format
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window; 16 more for a gzip header, negative for none: zlib.h, inflateInit2.
    let window: Int32 = format == .gzip ? 15 + 16 : -15
    guard inflateInit2_(stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DataError.unavailable(name: path, reason: "zlib has no memory to inflate it")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills `output` as far as the stream goes; 0 is the end.
  ///
  /// - Throws: `DataError.corrupt` with the offset in the compressed file.
  package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
    var produced = 0
    while produced < output.count, !isFinished {
      if stream.pointee.avail_in == 0 { feed() }
      let room = min(output.count - produced, Int(UInt32.max))
      stream.pointee.next_out = (output.baseAddress! + produced).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      let code = inflate(stream, Z_NO_FLUSH)
      produced += room - Int(stream.pointee.avail_out)
      switch code {
      case Z_OK: continue
      case Z_STREAM_END:
        // A gzip file may hold several members, one after the other (RFC 1952, section 2.2).
        let isLast = format == .deflate || stream.pointee.avail_in == 0 && fed == source.count
        if isLast { isFinished = true } else { inflateReset(stream) }
      case Z_BUF_ERROR: throw corrupt("the \(format) stream is cut short")
      default: throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "no \(format) stream")
      }
    }
    return produced
  }

  private func feed() {
    let piece = min(source.count - fed, 1 << 30)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: (source.baseAddress! + fed).assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(piece)
    fed += piece
  }

  private func corrupt(_ reason: String) -> DataError {
    .corrupt(path: path, at: "byte \(fed - Int(stream.pointee.avail_in))", reason: reason)
  }
}
