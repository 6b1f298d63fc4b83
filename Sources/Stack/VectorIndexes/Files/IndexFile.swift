import Foundation
import Glibc

/// A versioned, checksummed file of named sections, open for reading by memory map.
///
/// Layout, little-endian, everything padded with zeros to 64 bytes:
/// - prologue (64 bytes): magic "RAGINDEX", format version (UInt32), number of sections (UInt32), file length, offset and
///   length of the directory (UInt64 each), checksum of the directory, checksum of the prologue before it (UInt64)
/// - sections, each with its padding under one checksum
/// - directory: 48 bytes a section: name (24 bytes of UTF-8, zero-padded), offset, length without padding, checksum
///
/// The section "header" is JSON with the index's kind and parameters. A file whose every checksum holds has no byte
/// changed, cut off or added. The mapping lives as long as this object; sections handed out hold on to it.
package final class IndexFile: Sendable {
  package static let magic: [UInt8] = Array("RAGINDEX".utf8)
  package static let version: UInt32 = 1

  static let alignment = 64
  static let prologueBytes = 64
  static let entryBytes = 48
  static let nameBytes = 24

  struct Entry: Sendable {
    var name: String
    var offset: Int
    var length: Int
    var checksum: UInt64
  }

  package let path: String
  // Read-only memory that is unmapped in deinit alone.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  let entries: [String: Entry]

  init(path: String, bytes: UnsafeRawBufferPointer, entries: [String: Entry]) {
    self.path = path
    self.bytes = bytes
    self.entries = entries
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count)
  }

  static func padded(_ length: Int) -> Int { (length + alignment - 1) / alignment * alignment }

  /// The error for a file whose checksums hold and whose contents still make no sense.
  package func corrupt(_ section: String, _ reason: String) -> VectorIndexError {
    .corruptFile(path: path, offset: entries[section]?.offset ?? 0, reason: "section \(section) \(reason)")
  }

  package func contains(_ section: String) -> Bool { entries[section] != nil }

  /// The decoded "header" section; throws `corruptFile` when it does not fit `Header`.
  package func header<Header: Decodable>(_: Header.Type) throws -> Header {
    let section = try self.section("header", of: UInt8.self)
    do {
      return try JSONDecoder().decode(Header.self, from: Data(section.elements))
    } catch {
      throw corrupt("header", "is not a header of this kind (\(error))")
    }
  }

  /// A section as elements of a fixed layout.
  ///
  /// - Parameter count: the number of elements that must be there; nil accepts any whole number.
  /// - Throws: `corruptFile` when the section is missing or of another length.
  package func section<Element: BitwiseCopyable>(
    _ name: String, of: Element.Type, count: Int? = nil
  ) throws -> FileSection<Element> {
    guard let entry = entries[name] else {
      throw VectorIndexError.corruptFile(path: path, offset: 0, reason: "section \(name) is missing")
    }
    let stride = MemoryLayout<Element>.stride
    guard entry.length % stride == 0, count == nil || entry.length / stride == count else {
      let expected = count.map { "\($0) elements of \(stride) bytes" } ?? "a multiple of \(stride) bytes"
      throw corrupt(name, "has \(entry.length) bytes, not \(expected)")
    }
    let start = bytes.baseAddress! + entry.offset
    return FileSection(
      owner: self,
      elements: UnsafeBufferPointer(
        start: start.assumingMemoryBound(to: Element.self), count: entry.length / stride))
  }
}

/// Elements of one section, and the mapping they live in.
package struct FileSection<Element: BitwiseCopyable>: @unchecked Sendable {  // read-only memory kept alive by `owner`
  package let owner: IndexFile
  /// 64-byte aligned; valid while `owner` lives.
  package let elements: UnsafeBufferPointer<Element>

  /// The elements in memory of their own.
  package var copy: [Element] { withExtendedLifetime(owner) { Array(elements) } }
}
