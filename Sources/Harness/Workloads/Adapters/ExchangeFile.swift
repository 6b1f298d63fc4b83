internal import Glibc

/// The files that the harness and an adapter hand each other: a header of 64 bytes, then little-endian numbers.
enum ExchangeFile {
  static let headerBytes = 64

  /// A header: magic of 8 bytes, version, a 32-bit and two 64-bit fields, then zeros.
  static func header(_ magic: String, _ narrow: Int, _ first: Int, _ second: Int) -> [UInt8] {
    var header = [UInt8](magic.utf8)
    header.append(littleEndian: UInt32(adapterProtocolVersion))
    header.append(littleEndian: UInt32(narrow))
    header.append(littleEndian: UInt64(first))
    header.append(littleEndian: UInt64(second))
    return header + [UInt8](repeating: 0, count: headerBytes - header.count)
  }

  /// Writes a header, and `values` after it.
  /// - Throws: `AdapterError.system` if the file cannot be written, on a full disk above all.
  static func write(_ header: [UInt8], _ values: [some BitwiseCopyable], to path: String) throws(AdapterError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let failure =
      header.withUnsafeBytes { writeAll($0, to: descriptor) } ?? values.withUnsafeBytes { writeAll($0, to: descriptor) }
    if let failure {
      unlink(path)
      throw .system(path: path, reason: failure)
    }
  }

  /// Nil when all is written; else the system's reason.
  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return String(cString: strerror(errno))
      }
    }
    return nil
  }
}

/// A file that an adapter wrote, read front to back into memory: the adapter may still change it.
final class ExchangeFileReader {
  let size: Int
  private let noun: String
  private let descriptor: CInt

  /// - Parameter noun: what the file is, for the error: "result file".
  init(path: String, noun: String) throws(ResultFileError) {
    self.noun = noun
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ResultFileError(reason: "the \(noun) cannot be opened (\(String(cString: strerror(errno))))")
    }
    var state = stat()
    fstat(descriptor, &state)
    size = Int(state.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The header's fields after its magic, which is checked.
  func header(_ magic: String) throws(ResultFileError) -> (version: Int, narrow: Int, first: Int, second: Int) {
    let header = try read(UInt8.self, ExchangeFile.headerBytes)
    guard header.starts(with: magic.utf8) else {
      throw ResultFileError(reason: "the \(noun) does not begin with \(magic)")
    }
    return (
      Int(header.littleEndian(UInt32.self, at: 8)), Int(header.littleEndian(UInt32.self, at: 12)),
      Int(clamping: header.littleEndian(UInt64.self, at: 16)), Int(clamping: header.littleEndian(UInt64.self, at: 24))
    )
  }

  /// The next `count` elements.
  func read<Element: BitwiseCopyable>(_: Element.Type, _ count: Int) throws(ResultFileError) -> [Element] {
    let size = MemoryLayout<Element>.size
    var filled = 0
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      while filled < bytes.count {
        let got = Glibc.read(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        filled += got
      }
      initialized = filled / size
    }
    guard values.count == count else { throw ResultFileError(reason: "the \(noun) shrank while it was read") }
    return values
  }
}

/// What is wrong with a file that an adapter wrote.
struct ResultFileError: Error, Equatable {
  let reason: String
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate func littleEndian<Value: FixedWidthInteger>(_: Value.Type, at offset: Int) -> Value {
    withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
