import Glibc

/// Reads members out of a gzip-compressed tar archive (POSIX.1-2001 ustar, and GNU's long names).
package struct TarArchive {
  private static let block = 512

  package let path: String

  package init(path: String) { self.path = path }

  /// Writes a member to a file, which appears whole or not at all. The archive is read as a stream.
  ///
  /// - Throws: `DataError.corrupt` if the archive is damaged or has no such member.
  package func extract(_ member: String, to destination: String) throws {
    let found = try extract(atMost: 1) { name in name == member ? destination : nil }
    guard found > 0 else {
      throw DataError.corrupt(path: path, at: "its end", reason: "the archive has no member '\(member)'")
    }
  }

  /// Writes every file below a folder to its place below `destination`. The archive's own first folder, whose name says
  /// a commit, say, is not part of `folder`, which is "." for all that is in it. Members that would lie elsewhere (by "..") are refused; links are left out.
  ///
  /// - Throws: `DataError.corrupt` if the archive is damaged or has no such folder.
  package func extract(folder: String, to destination: String) throws {
    let wanted = folder.split(separator: "/").filter { $0 != "." }
    let found = try extract(atMost: .max) { name in
      let parts = name.split(separator: "/")
      guard !parts.contains("..") else {
        throw DataError.corrupt(path: path, at: "member '\(name)'", reason: "would lie outside of its folder")
      }
      guard parts.count > 1 + wanted.count, parts.dropFirst().starts(with: wanted) else { return nil }
      let place = "\(destination)/\(parts.dropFirst(1 + wanted.count).joined(separator: "/"))"
      try Folder.make(String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)]))
      return place
    }
    guard found > 0 else {
      throw DataError.corrupt(path: path, at: "its end", reason: "the archive has no folder '\(folder)'")
    }
  }

  /// Writes the files that `place` gives a path to, and counts them.
  private func extract(atMost limit: Int, place: (_ name: String) throws -> String?) throws -> Int {
    let file = try FileBytes(path: path, inflating: false)
    let inflater = try Inflater(file.bytes, path: path)
    defer { withExtendedLifetime(file) {} }
    var stream = Stream(inflater: inflater, path: path)
    var longName: String?
    var taken = 0
    while let header = try stream.header() {
      let name = longName ?? header.name
      longName = nil
      if header.kind == UInt8(ascii: "L") {
        guard header.size <= Int(PATH_MAX) else { throw stream.corrupt("a name of \(header.size) bytes") }
        var text: [UInt8] = []
        try stream.body(of: header) { text += $0 }
        longName = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      } else if header.isFile, let destination = try place(name.hasPrefix("./") ? String(name.dropFirst(2)) : name) {
        let output = try AtomicFile(path: destination)
        try stream.body(of: header) { try output.write($0) }
        try output.commit()
        taken += 1
        if taken == limit { return taken }
      } else {
        try stream.body(of: header) { _ in }
      }
    }
    return taken
  }

  private struct Header {
    var name: String
    var size: Int
    var kind: UInt8
    /// "0", or NUL in archives older than POSIX.
    var isFile: Bool { kind == UInt8(ascii: "0") || kind == 0 }
  }

  private struct Stream {
    let inflater: Inflater
    let path: String
    private var offset = 0

    init(inflater: Inflater, path: String) {
      self.inflater = inflater
      self.path = path
    }

    func corrupt(_ reason: String) -> DataError {
      .corrupt(path: path, at: "byte \(offset) of the archive", reason: reason)
    }

    /// The next header; `nil` at the block of zeros that ends the archive.
    mutating func header() throws -> Header? {
      var bytes = [UInt8](repeating: 0, count: TarArchive.block)
      let read = try bytes.withUnsafeMutableBytes { try inflater.read(into: $0) }
      guard read == TarArchive.block else { throw corrupt("the archive is cut short") }
      if bytes.allSatisfy({ $0 == 0 }) { return nil }
      // The checksum's own field counts as blanks.
      let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
      guard try number(bytes[148..<156]) == sum else { throw corrupt("a header's checksum is wrong") }
      offset += read
      func text(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self) }
      let prefix = text(257..<262) == "ustar" && bytes[262] == 0 ? text(345..<500) : ""
      return Header(
        name: prefix.isEmpty ? text(0..<100) : "\(prefix)/\(text(0..<100))", size: try number(bytes[124..<136]),
        kind: bytes[156])
    }

    mutating func body(of header: Header, _ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
      var rest = header.size
      var padded = (header.size + TarArchive.block - 1) / TarArchive.block * TarArchive.block
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while padded > 0 {
        let wanted = min(buffer.count, padded)
        try buffer.withUnsafeMutableBytes { bytes in
          let read = try inflater.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
          guard read == wanted else { throw corrupt("the archive is cut short") }
          try receive(UnsafeRawBufferPointer(rebasing: bytes[..<min(rest, wanted)]))
        }
        offset += wanted
        padded -= wanted
        rest = max(rest - wanted, 0)
      }
    }

    /// Octal digits between blanks and NULs, or GNU's big-endian binary, marked by the highest bit.
    private func number(_ field: ArraySlice<UInt8>) throws -> Int {
      if let first = field.first, first & 0x80 != 0 {
        let value = field.dropFirst().suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value <= UInt64(Int.max / 2) else { throw corrupt("a header holds an absurd number") }
        return Int(value)
      }
      let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
      guard let value = Int(String(decoding: digits, as: UTF8.self), radix: 8), value >= 0 else {
        throw corrupt("a header's number is not octal")
      }
      return value
    }
  }
}
