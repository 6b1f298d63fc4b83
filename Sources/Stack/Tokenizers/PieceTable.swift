/// Byte strings and their ids, found by hash: one block of bytes, one of slots, no string objects.
struct PieceTable: Sendable {
  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var slots: [Int32]
  /// Bytes of the longest piece.
  private(set) var longest = 0

  private struct Entry {
    var hash: UInt64
    var start: Int32
    var count: Int32
    var id: Int32
  }

  /// - Parameter capacity: pieces that will be added.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    entries.reserveCapacity(capacity)
  }

  static let hashSeed: UInt64 = 0xCBF2_9CE4_8422_2325

  /// FNV-1a, one byte further: the hash of a prefix grows with it.
  @inline(__always)
  static func extend(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  @inline(__always)
  private func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash ^ (hash >> 29)) & (slots.count - 1) }

  /// Adds a piece that is not there yet; the first of two equal ones stays.
  mutating func add(_ piece: some Collection<UInt8>, id: Int32) {
    var hash = Self.hashSeed
    for byte in piece { hash = Self.extend(hash, byte) }
    var place = slot(hash)
    while slots[place] >= 0 {
      let entry = entries[Int(slots[place])]
      if entry.hash == hash, bytes[Int(entry.start)..<Int(entry.start + entry.count)].elementsEqual(piece) { return }
      place = (place + 1) & (slots.count - 1)
    }
    slots[place] = Int32(entries.count)
    entries.append(Entry(hash: hash, start: Int32(bytes.count), count: Int32(piece.count), id: id))
    bytes.append(contentsOf: piece)
    longest = max(longest, piece.count)
  }

  /// The id of the bytes whose hash is `hash`, or nil.
  @inline(__always)
  func id(hash: UInt64, of piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    var place = slot(hash)
    while slots[place] >= 0 {
      let entry = entries[Int(slots[place])]
      if entry.hash == hash, Int(entry.count) == piece.count {
        let start = Int(entry.start)
        var same = true
        for index in 0..<piece.count where bytes[start + index] != piece[index] { same = false }
        if same { return entry.id }
      }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  func id(of piece: [UInt8]) -> Int32? {
    let hash = piece.reduce(Self.hashSeed, Self.extend)
    return piece.withUnsafeBufferPointer { id(hash: hash, of: $0) }
  }
}
