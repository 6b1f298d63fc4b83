/// The central directory of a zip archive, checked.
struct ZipDirectory {
  struct Record {
    var name: String
    var method: Int
    var checksum: UInt32
    var packedSize: Int
    var size: Int
    /// Offset of the local header.
    var header: Int
  }

  static let stored = 0
  static let deflated = 8

  private let file: FileBytes
  private(set) var records: [Record] = []

  init(_ file: FileBytes) throws {
    self.file = file
    let (count, start, size) = try end()
    guard start >= 0, size >= 0, start <= file.count, size <= file.count - start else {
      throw file.corrupt(at: file.count, "the archive's directory reaches beyond its end; it is cut short")
    }
    var offset = start
    var names: Set<String> = []
    for _ in 0..<count {
      let (record, next) = try record(at: offset, end: start + size)
      guard names.insert(record.name).inserted else {
        throw file.corrupt(at: offset, "the archive has two members called '\(record.name)'")
      }
      records.append(record)
      offset = next
    }
  }

  /// Number of members, and offset and size of the directory.
  private func end() throws -> (count: Int, start: Int, size: Int) {
    // The record has 22 bytes and a comment of up to 65 535 behind it.
    var place = file.count - 22
    let first = max(0, place - 0xFFFF)
    while place >= first {
      if file.load(place, as: UInt32.self) == 0x0605_4B50,
        place + 22 + Int(file.load(place + 20, as: UInt16.self)) == file.count
      {
        break
      }
      place -= 1
    }
    guard place >= first else { throw file.corrupt(at: 0, "is no zip archive, or is cut short") }
    guard file.load(place + 4, as: UInt16.self) == file.load(place + 6, as: UInt16.self) else {
      throw file.corrupt(at: place, "the archive is in several parts, which are not read here")
    }
    let count = Int(file.load(place + 10, as: UInt16.self))
    let size = Int(file.load(place + 12, as: UInt32.self))
    let start = Int(file.load(place + 16, as: UInt32.self))
    guard count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, place >= 20,
      file.load(place - 20, as: UInt32.self) == 0x0706_4B50
    else { return (count, start, size) }
    let large = try number(file.load(place - 12, as: UInt64.self), at: place - 12)
    guard large <= file.count - 56, file.load(large, as: UInt32.self) == 0x0606_4B50 else {
      throw file.corrupt(at: place - 20, "the archive's zip64 record is not where it should be")
    }
    return (
      try number(file.load(large + 32, as: UInt64.self), at: large + 32),
      try number(file.load(large + 48, as: UInt64.self), at: large + 48),
      try number(file.load(large + 40, as: UInt64.self), at: large + 40)
    )
  }

  private func record(at offset: Int, end: Int) throws -> (Record, next: Int) {
    guard offset <= end - 46, file.load(offset, as: UInt32.self) == 0x0201_4B50 else {
      throw file.corrupt(at: offset, "the archive's directory is damaged")
    }
    let flags = file.load(offset + 8, as: UInt16.self)
    let method = Int(file.load(offset + 10, as: UInt16.self))
    let nameEnd = offset + 46 + Int(file.load(offset + 28, as: UInt16.self))
    let extraEnd = nameEnd + Int(file.load(offset + 30, as: UInt16.self))
    let next = extraEnd + Int(file.load(offset + 32, as: UInt16.self))
    guard next <= end else { throw file.corrupt(at: offset, "the archive's directory is damaged") }
    let name = String(decoding: file.bytes[offset + 46..<nameEnd], as: UTF8.self)
    guard Self.isSafe(name) else {
      throw file.corrupt(at: offset, "the member '\(name)' would be unpacked outside its folder, and is refused")
    }
    guard flags & 1 == 0 else { throw file.corrupt(at: offset, "the member '\(name)' is encrypted") }
    guard [Self.stored, Self.deflated].contains(method) else {
      throw file.corrupt(
        at: offset, "the member '\(name)' is packed by method \(method); stored (0) and deflated (8) are read here")
    }
    var record = Record(
      name: name, method: method, checksum: file.load(offset + 16, as: UInt32.self),
      packedSize: Int(file.load(offset + 20, as: UInt32.self)), size: Int(file.load(offset + 24, as: UInt32.self)),
      header: Int(file.load(offset + 42, as: UInt32.self)))
    try widen(&record, extra: nameEnd..<extraEnd)
    guard method == Self.deflated || record.packedSize == record.size else {
      throw file.corrupt(at: offset, "the member '\(name)' is stored, and its two sizes differ")
    }
    return (record, next)
  }

  /// Sizes that did not fit 32 bits stand in the zip64 field, those alone and in this order (APPNOTE 4.5.3).
  private func widen(_ record: inout Record, extra: Range<Int>) throws {
    let tooLarge = 0xFFFF_FFFF
    guard record.size == tooLarge || record.packedSize == tooLarge || record.header == tooLarge else { return }
    var offset = extra.lowerBound
    while offset + 4 <= extra.upperBound {
      let kind = file.load(offset, as: UInt16.self)
      let end = offset + 4 + Int(file.load(offset + 2, as: UInt16.self))
      guard end <= extra.upperBound else { break }
      if kind == 1 {
        var place = offset + 4
        for field in [\Record.size, \.packedSize, \.header] where record[keyPath: field] == tooLarge {
          guard place + 8 <= end else { throw file.corrupt(at: place, "the archive's zip64 field is cut short") }
          record[keyPath: field] = try number(file.load(place, as: UInt64.self), at: place)
          place += 8
        }
        return
      }
      offset = end
    }
  }

  private func number(_ value: UInt64, at offset: Int) throws -> Int {
    guard value < 1 << 62 else { throw file.corrupt(at: offset, "the archive states a size of \(value) bytes") }
    return Int(value)
  }

  private static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\") && !name.contains("\0")
      && !name.split(separator: "/").contains("..")
  }
}
