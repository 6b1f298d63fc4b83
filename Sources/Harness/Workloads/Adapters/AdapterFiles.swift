internal import Datasets
internal import Glibc

/// Vectors as an adapter maps them: a header of 64 bytes, then float32 rows (PROTOCOL.md, "Vector file").
enum VectorFile {
  static let headerBytes = 64

  /// - Throws: `AdapterError.system` if the file cannot be written, on a full disk above all.
  static func write(_ set: VectorSet, to path: String) throws(AdapterError) {
    var header = [UInt8]("RMVECTOR".utf8)
    header.append(littleEndian: UInt32(adapterProtocolVersion))
    header.append(littleEndian: UInt32(0))
    header.append(littleEndian: UInt64(set.count))
    header.append(littleEndian: UInt64(set.dimension))
    header += [UInt8](repeating: 0, count: headerBytes - header.count)

    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let failure =
      header.withUnsafeBytes { writeAll($0, to: descriptor) }
      ?? set.values.withUnsafeBytes { writeAll($0, to: descriptor) }
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

/// What an adapter found and how long each call took (PROTOCOL.md, "Result file").
struct ResultFile: Equatable {
  var ids: [Int64]
  var latencies: [UInt64]

  static let headerBytes = 64

  /// Reads a file of `queries × k` ids and `calls` latencies.
  /// - Throws: `ResultFileError` naming what differs from what was asked.
  init(path: String, queries: Int, k: Int, calls: Int) throws(ResultFileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ResultFileError(reason: "the result file cannot be opened (\(String(cString: strerror(errno))))")
    }
    defer { close(descriptor) }
    var state = stat()
    fstat(descriptor, &state)
    let expected = Self.headerBytes + 8 * (queries * k + calls)
    guard Int(state.st_size) == expected else {
      throw ResultFileError(
        reason: "the result file has \(state.st_size) bytes; \(queries) queries with k = \(k) and \(calls) calls make "
          + "\(expected)")
    }
    let header = try Self.read(UInt8.self, Self.headerBytes, from: descriptor)
    guard header.starts(with: "RMRESULT".utf8) else {
      throw ResultFileError(reason: "the result file does not begin with RMRESULT")
    }
    let fields = (
      version: header.littleEndian(UInt32.self, at: 8), k: header.littleEndian(UInt32.self, at: 12),
      queries: header.littleEndian(UInt64.self, at: 16), calls: header.littleEndian(UInt64.self, at: 24)
    )
    guard fields == (UInt32(adapterProtocolVersion), UInt32(k), UInt64(queries), UInt64(calls)) else {
      throw ResultFileError(
        reason: "the result file's header says version \(fields.version), k \(fields.k), \(fields.queries) queries, "
          + "\(fields.calls) calls; asked were version \(adapterProtocolVersion), k \(k), \(queries) queries, "
          + "\(calls) calls")
    }
    ids = try Self.read(Int64.self, queries * k, from: descriptor).map { Int64(littleEndian: $0) }
    latencies = try Self.read(UInt64.self, calls, from: descriptor).map { UInt64(littleEndian: $0) }
  }

  private static func read<Element: FixedWidthInteger>(
    _: Element.Type, _ count: Int, from descriptor: CInt
  ) throws(ResultFileError) -> [Element] {
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
    guard values.count == count else { throw ResultFileError(reason: "the result file shrank while it was read") }
    return values
  }
}

struct ResultFileError: Error, Equatable {
  let reason: String
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate func littleEndian<Value: FixedWidthInteger>(_: Value.Type, at offset: Int) -> Value {
    withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
