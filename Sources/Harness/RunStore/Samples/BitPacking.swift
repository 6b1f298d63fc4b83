/// Appends numbers to bytes: LEB128 where small ones are likely, and fixed widths of bits, lowest first.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingBits = 0

  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func append(varint number: UInt64) {
    var rest = number
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The lowest `width` bits of each value, ending at a byte's end.
  mutating func append(packed values: some Sequence<UInt64>, width: Int) {
    guard width > 0 else { return }
    for value in values {
      pending |= value << UInt64(pendingBits)
      pendingBits += width
      if pendingBits >= 64 {
        withUnsafeBytes(of: pending.littleEndian) { bytes.append(contentsOf: $0) }
        pendingBits -= 64
        pending = pendingBits == 0 ? 0 : value >> UInt64(width - pendingBits)
      }
    }
    while pendingBits > 0 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingBits -= 8
    }
    pending = 0
    pendingBits = 0
  }
}

/// Reads what `BitWriter` wrote; `nil` wherever the bytes end too early.
struct BitReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position == bytes.endIndex }

  mutating func byte() -> UInt8? {
    guard position < bytes.endIndex else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func varint() -> UInt64? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = byte() {
      guard shift < 63 || byte <= 1 else { return nil }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }

  /// Calls `body` with each of `count` values of `width` bits; `nil` if there are not as many.
  mutating func unpack(count: Int, width: Int, _ body: (UInt64) -> Void) -> Void? {
    guard width > 0 else {
      for _ in 0..<count { body(0) }
      return ()
    }
    let (bits, overflow) = count.multipliedReportingOverflow(by: width)
    guard width <= 64, !overflow, (bits + 7) / 8 <= bytes.endIndex - position else { return nil }
    let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
    var held: UInt128 = 0
    var heldBits = 0
    for _ in 0..<count {
      while heldBits < width {
        held |= UInt128(bytes[position]) << UInt128(heldBits)
        position += 1
        heldBits += 8
      }
      body(UInt64(truncatingIfNeeded: held) & mask)
      held >>= UInt128(width)
      heldBits -= width
    }
    return ()
  }
}
