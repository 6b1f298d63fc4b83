internal import CZlib

/// A zip archive (PKWARE's APPNOTE.TXT 6.3.10): members stored or deflated, with zip64 sizes or without.
///
/// The central directory counts; everything in it is checked when the archive is opened, and names that lead out of a folder
/// are refused there.
package final class ZipArchive {
  /// One member.
  package struct Entry: Sendable, Equatable {
    /// Path within the archive, with slashes; a folder's ends in one.
    package var name: String
    /// Bytes when unpacked.
    package var size: Int
    package var isFolder: Bool { name.hasSuffix("/") }

    fileprivate var method: Int
    fileprivate var checksum: UInt32
    fileprivate var packedSize: Int
    fileprivate var header: Int

    fileprivate init(_ record: ZipDirectory.Record) {
      name = record.name
      size = record.size
      method = record.method
      checksum = record.checksum
      packedSize = record.packedSize
      header = record.header
    }
  }

  package let path: String
  /// In the order of the directory; no name twice.
  package let entries: [Entry]
  private let file: FileBytes

  /// - Throws: `DataError.unavailable` if the file cannot be read, `.corrupt` if it is no archive, is cut short, is encrypted or
  ///   holds a name that leads out of the folder it is unpacked into.
  /// - Complexity: O(members).
  package init(path: String) throws {
    self.path = path
    file = try FileBytes(path: path, inflating: false)
    entries = try ZipDirectory(file).records.map(Entry.init)
  }

  package subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// The bytes of a member.
  ///
  /// - Parameter limit: a member that is larger is refused before anything is unpacked: a small archive can hold a large one.
  /// - Throws: `DataError.corrupt` if they are damaged, `.unavailable` beyond the limit.
  package func bytes(of entry: Entry, limit: Int) throws -> [UInt8] {
    guard entry.size <= limit else {
      throw DataError.unavailable(
        name: path, reason: "member '\(entry.name)' has \(entry.size) bytes, and at most \(limit) are read")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entry.size)
    try read(entry) { bytes += $0 }
    return bytes
  }

  /// Writes a member to a file, which appears whole or not at all.
  ///
  /// - Throws: `DataError.corrupt` if the member is damaged, `.unavailable` if the file cannot be written.
  package func extract(_ entry: Entry, to destination: String) throws {
    let output = try AtomicFile(path: destination)
    try read(entry) { try output.write($0) }
    try output.commit()
  }

  /// Writes every file below a folder to its place below `destination`. The archive's own first folder is not part of
  /// `folder`, which is "." for all that is in it.
  ///
  /// - Throws: as `extract(_:to:)` does, and `DataError.corrupt` if there is no such folder.
  package func extract(folder: String, to destination: String) throws {
    let wanted = folder.split(separator: "/").filter { $0 != "." }
    var found = false
    for entry in entries where !entry.isFolder {
      let parts = entry.name.split(separator: "/")
      guard parts.count > 1 + wanted.count, parts.dropFirst().starts(with: wanted) else { continue }
      let place = "\(destination)/\(parts.dropFirst(1 + wanted.count).joined(separator: "/"))"
      try Folder.make(String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)]))
      try extract(entry, to: place)
      found = true
    }
    guard found else {
      throw DataError.corrupt(path: path, at: "its directory", reason: "the archive has no folder '\(folder)'")
    }
  }

  /// Hands out a member piece by piece and checks its CRC-32 at the end.
  private func read(_ entry: Entry, _ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
    defer { withExtendedLifetime(file) {} }
    let packed = try packedBytes(of: entry)
    var checksum = crc32(0, nil, 0)
    var count = 0
    func take(_ piece: UnsafeRawBufferPointer) throws {
      count += piece.count
      guard count <= entry.size else { throw damaged(entry, "unpacks to more than the \(entry.size) bytes it states") }
      checksum = crc32_z(checksum, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), piece.count)
      try receive(piece)
    }
    if entry.method == ZipDirectory.stored {
      try take(packed)
    } else if !packed.isEmpty {
      let inflater = try Inflater(packed, path: "\(path), member '\(entry.name)'", format: .deflate)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
      defer { buffer.deallocate() }
      while case let produced = try inflater.read(into: buffer), produced > 0 {
        try take(UnsafeRawBufferPointer(rebasing: buffer[..<produced]))
      }
    }
    guard count == entry.size else { throw damaged(entry, "unpacks to \(count) of \(entry.size) bytes") }
    guard UInt32(checksum) == entry.checksum else {
      throw damaged(entry, "has another CRC-32 than the directory states")
    }
  }

  /// The local header repeats the name, and only it tells where the bytes begin.
  private func packedBytes(of entry: Entry) throws -> UnsafeRawBufferPointer {
    guard entry.header <= file.count - 30, file.load(entry.header, as: UInt32.self) == 0x0403_4B50 else {
      throw damaged(entry, "has no header at byte \(entry.header)")
    }
    let start =
      entry.header + 30 + Int(file.load(entry.header + 26, as: UInt16.self))
      + Int(file.load(entry.header + 28, as: UInt16.self))
    guard start <= file.count, entry.packedSize <= file.count - start else {
      throw damaged(entry, "reaches beyond the end of the archive")
    }
    return UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + entry.packedSize])
  }

  private func damaged(_ entry: Entry, _ reason: String) -> DataError {
    .corrupt(path: path, at: "member '\(entry.name)'", reason: reason)
  }
}
