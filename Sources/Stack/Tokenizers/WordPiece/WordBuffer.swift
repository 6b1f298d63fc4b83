/// The word at hand: normalised bytes, the source range of the scalar each came from, and the hash of every prefix.
struct WordBuffer: ~Copyable {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private(set) var starts: UnsafeMutablePointer<Int>
  private(set) var ends: UnsafeMutablePointer<Int>
  /// `hashes[i]` is that of the first i + 1 bytes.
  private(set) var hashes: UnsafeMutablePointer<UInt64>
  private(set) var count = 0
  private(set) var scalars = 0
  private var hash = PieceTable.hashSeed
  private var capacity = 256

  init() {
    bytes = .allocate(capacity: capacity)
    starts = .allocate(capacity: capacity)
    ends = .allocate(capacity: capacity)
    hashes = .allocate(capacity: capacity)
  }

  deinit {
    bytes.deallocate()
    starts.deallocate()
    ends.deallocate()
    hashes.deallocate()
  }

  @inline(__always)
  mutating func append(_ byte: UInt8, start: Int, end: Int) {
    if count == capacity { grow() }
    hash = PieceTable.extend(hash, byte)
    bytes[count] = byte
    starts[count] = start
    ends[count] = end
    hashes[count] = hash
    count &+= 1
    if byte & 0xC0 != 0x80 { scalars &+= 1 }
  }

  mutating func clear() {
    count = 0
    scalars = 0
    hash = PieceTable.hashSeed
  }

  private mutating func grow() {
    func grown<T>(_ old: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<T> {
      let new = UnsafeMutablePointer<T>.allocate(capacity: capacity * 2)
      new.moveInitialize(from: old, count: count)
      old.deallocate()
      return new
    }
    bytes = grown(bytes)
    starts = grown(starts)
    ends = grown(ends)
    hashes = grown(hashes)
    capacity *= 2
  }
}
