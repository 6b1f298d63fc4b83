import Foundation
import Glibc

extension IndexFile {
  /// A section to be written: its name (at most 24 bytes) and its bytes, which must stay valid until `write` returns.
  package struct Section {
    package let name: String
    /// Pieces that are written one after another.
    let pieces: [UnsafeRawBufferPointer]

    package init(_ name: String, pieces: [UnsafeRawBufferPointer]) {
      self.name = name
      self.pieces = pieces
    }

    package init<Element: BitwiseCopyable>(_ name: String, _ elements: UnsafeBufferPointer<Element>) {
      self.init(name, pieces: [UnsafeRawBufferPointer(elements)])
    }
  }

  /// Writes beside `path`, syncs, renames over it and syncs the folder: a crash or a full disk leaves the old file whole.
  ///
  /// - Throws: `fileSystem` with the path that failed and the operating system's reason.
  package static func write(to path: String, header: some Encodable, sections: [Section]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let encoded: Data
    do { encoded = try encoder.encode(header) } catch {
      throw VectorIndexError.invalidArgument("the header cannot be written as JSON: \(error)")
    }
    let writer = try IndexFileWriter(path: path)
    try encoded.withUnsafeBytes { try writer.append(Section("header", pieces: [$0])) }
    for section in sections { try writer.append(section) }
    try writer.commit()
  }
}

/// The temporary file of one `IndexFile.write`; removed in `deinit` unless committed.
private final class IndexFileWriter {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var position = IndexFile.prologueBytes
  private var entries: [IndexFile.Entry] = []
  private var committed = false

  init(path: String) throws {
    self.path = path
    temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).partial"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw VectorIndexError.fileSystem(path: path, reason: IndexFile.systemReason())
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !committed { unlink(temporary) }
  }

  func append(_ section: IndexFile.Section) throws {
    let length = section.pieces.reduce(0) { $0 + $1.count }
    let offset = position
    for piece in section.pieces { try write(piece) }
    try pad()
    entries.append(IndexFile.Entry(name: section.name, offset: offset, length: length, checksum: 0))
  }

  func commit() throws {
    try checksumSections()
    let directory = position
    var bytes: [UInt8] = []
    for entry in entries {
      var name = Array(entry.name.utf8.prefix(IndexFile.nameBytes))
      name += [UInt8](repeating: 0, count: IndexFile.nameBytes - name.count)
      bytes += name
      for word in [UInt64(entry.offset), UInt64(entry.length), entry.checksum] { bytes += littleEndian(word) }
    }
    let directoryLength = bytes.count
    bytes += [UInt8](repeating: 0, count: IndexFile.padded(bytes.count) - bytes.count)
    try bytes.withUnsafeBytes { try write($0) }
    var prologue = IndexFile.magic
    prologue += withUnsafeBytes(of: IndexFile.version.littleEndian, Array.init)
    prologue += withUnsafeBytes(of: UInt32(entries.count).littleEndian, Array.init)
    let directorySum = bytes.withUnsafeBytes { FileChecksum.of($0) }
    for word in [UInt64(position), UInt64(directory), UInt64(directoryLength), directorySum, 0] {
      prologue += littleEndian(word)
    }
    prologue += littleEndian(prologue.withUnsafeBytes { FileChecksum.of($0) })
    try prologue.withUnsafeBytes { try write($0, at: 0) }
    guard fsync(descriptor) == 0 else { throw failure() }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw failure() }
    guard rename(temporary, path) == 0 else { throw failure() }
    committed = true
    try syncFolder()
  }

  /// Sums what the file holds, so that what is promised is what was written.
  private func checksumSections() throws {
    guard position > IndexFile.prologueBytes else { return }
    let reading = open(temporary, O_RDONLY | O_CLOEXEC)
    guard reading >= 0 else { throw failure() }
    defer { close(reading) }
    guard let start = mmap(nil, position, PROT_READ, MAP_SHARED, reading, 0), start != MAP_FAILED else {
      throw failure()
    }
    defer { munmap(start, position) }
    let bytes = UnsafeRawBufferPointer(start: start, count: position)
    for index in entries.indices {
      entries[index].checksum = IndexFile.checksum(
        bytes, entries[index].offset, IndexFile.padded(entries[index].length))
    }
  }

  private func syncFolder() throws {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw failure() }
    defer { close(handle) }
    guard fsync(handle) == 0 else { throw failure() }
  }

  private func pad() throws {
    let missing = IndexFile.padded(position) - position
    let zeros = [UInt8](repeating: 0, count: missing)
    try zeros.withUnsafeBytes { try write($0) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    try write(bytes, at: position)
    position += bytes.count
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      done += count
    }
  }

  private func littleEndian(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian, Array.init) }

  private func failure() -> VectorIndexError { .fileSystem(path: path, reason: IndexFile.systemReason()) }
}
