import Glibc

extension IndexFile {
  /// Maps the file and verifies every byte of it.
  ///
  /// - Throws: `fileSystem` when it cannot be opened, `corruptFile` for anything that `write` did not write: another
  ///   magic, a newer version, a byte changed, cut off or added.
  /// - Complexity: O(file length), at memory speed.
  package static func open(_ path: String) throws -> IndexFile {
    let bytes = try map(path)
    var verified = false
    defer { if !verified { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) } }
    let entries = try verify(bytes, path: path)
    verified = true
    return IndexFile(path: path, bytes: bytes, entries: entries)
  }

  /// The first bytes of a file, unverified.
  ///
  /// - Throws: `fileSystem`, `corruptFile` for a file that is shorter.
  static func prologue(of path: String) throws(VectorIndexError) -> [UInt8] {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .fileSystem(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: prologueBytes)
    guard pread(descriptor, &bytes, prologueBytes, 0) == prologueBytes else {
      throw .corruptFile(path: path, offset: 0, reason: "the file has no whole prologue of \(prologueBytes) bytes")
    }
    return bytes
  }

  private static func map(_ path: String) throws -> UnsafeRawBufferPointer {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw VectorIndexError.fileSystem(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw VectorIndexError.fileSystem(path: path, reason: systemReason())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw VectorIndexError.fileSystem(path: path, reason: "is not a regular file")
    }
    let length = Int(status.st_size)
    guard length >= prologueBytes else {
      throw VectorIndexError.corruptFile(
        path: path, offset: length, reason: "the file ends before its \(prologueBytes)-byte prologue does")
    }
    guard let start = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      throw VectorIndexError.fileSystem(path: path, reason: systemReason())
    }
    madvise(start, length, Int32(MADV_WILLNEED))
    return UnsafeRawBufferPointer(start: start, count: length)
  }

  private static func verify(_ bytes: UnsafeRawBufferPointer, path: String) throws -> [String: Entry] {
    func corrupt(_ offset: Int, _ reason: String) -> VectorIndexError {
      .corruptFile(path: path, offset: offset, reason: reason)
    }
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    guard bytes[0..<8].elementsEqual(magic) else { throw corrupt(0, "this is not an index file") }
    let fileVersion = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard fileVersion <= version, fileVersion > 0 else {
      throw corrupt(8, "format version \(fileVersion) is not known; this build reads up to \(version)")
    }
    guard word(56) == checksum(bytes, 0, 56) else { throw corrupt(0, "the prologue's checksum does not hold") }
    let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
    guard word(16) == UInt64(bytes.count) else {
      throw corrupt(
        min(bytes.count, Int(clamping: word(16))), "the file has \(bytes.count) bytes and was written with \(word(16))")
    }
    let directory = Int(clamping: word(24))
    let directoryLength = Int(clamping: word(32))
    guard directoryLength == count * entryBytes, directory >= prologueBytes, directory % alignment == 0,
      directoryLength <= bytes.count, directory == bytes.count - padded(directoryLength)
    else { throw corrupt(24, "the directory of sections is not where it should be") }
    guard word(40) == checksum(bytes, directory, padded(directoryLength)) else {
      throw corrupt(directory, "the directory's checksum does not hold")
    }
    guard word(48) == 0 else { throw corrupt(48, "reserved bytes are set") }
    var entries: [String: Entry] = [:]
    var end = prologueBytes
    for index in 0..<count {
      let at = directory + index * entryBytes
      let name = String(decoding: bytes[at..<at + nameBytes].prefix { $0 != 0 }, as: UTF8.self)
      let length = Int(clamping: word(at + nameBytes + 8))
      guard word(at + nameBytes) == UInt64(end), length <= directory - end, padded(length) <= directory - end else {
        throw corrupt(at, "section \(name) does not follow the one before it")
      }
      guard word(at + nameBytes + 16) == checksum(bytes, end, padded(length)) else {
        throw corrupt(end, "the checksum of section \(name) does not hold")
      }
      entries[name] = Entry(name: name, offset: end, length: length, checksum: word(at + nameBytes + 16))
      end += padded(length)
    }
    guard end == directory, entries.count == count else { throw corrupt(end, "sections overlap or leave gaps") }
    return entries
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) -> UInt64 {
    FileChecksum.of(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
  }

  /// What the last failed call of the operating system says.
  static func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
