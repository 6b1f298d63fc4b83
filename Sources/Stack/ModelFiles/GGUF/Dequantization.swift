extension GGUFType {
  /// Whether values of this type can be turned into floats here, and so serve as weights.
  public var holdsWeights: Bool { dequantizer != nil }

  /// The types that weights are read from, as an error names them.
  static let weightTypes = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K"

  /// Turns whole blocks into floats, bit for bit as ggml's `dequantize_row_*` do (ggml-quants.c): products and sums in
  /// float32, each rounded.
  ///
  /// - Parameters:
  ///   - source: blocks of this type, of any alignment.
  ///   - output: `blockValues` floats for each block.
  /// - Throws: `ModelFileError` without a path if the type is none of those, or the sizes do not fit each other.
  /// - Complexity: O(values).
  public func dequantize(_ source: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>) throws {
    guard let dequantizer else {
      throw ModelFileError(path: "", reason: "weights of type \(name) are not read here; known are \(Self.weightTypes)")
    }
    let blocks = output.count / blockValues
    guard blocks * blockValues == output.count, blocks * blockBytes == source.count else {
      throw ModelFileError(
        path: "", reason: "\(source.count) bytes of type \(name) do not make \(output.count) values")
    }
    guard let bytes = source.baseAddress, let floats = output.baseAddress else { return }
    dequantizer(bytes, floats, blocks)
  }

  private typealias Dequantizer =
    (_ blocks: UnsafeRawPointer, _ floats: UnsafeMutablePointer<Float>, _ count: Int) -> Void

  private var dequantizer: Dequantizer? {
    switch name {
    case "F32": { UnsafeMutableRawPointer($1).copyMemory(from: $0, byteCount: 4 * $2) }
    case "F16": { for index in 0..<$2 { $1[index] = HalfPrecision.float(Self.half(of: $0, at: index)) } }
    case "BF16": { for index in 0..<$2 { $1[index] = Float(bitPattern: UInt32(Self.half(of: $0, at: index)) << 16) } }
    case "Q4_0": each { $0.fourBits(at: 2, offset: 8, minimum: nil, into: $1) }
    case "Q4_1": each { $0.fourBits(at: 4, offset: 0, minimum: $0.half(at: 2), into: $1) }
    case "Q5_0": each { $0.fiveBits(at: 2, offset: 16, minimum: nil, into: $1) }
    case "Q5_1": each { $0.fiveBits(at: 4, offset: 0, minimum: $0.half(at: 2), into: $1) }
    case "Q8_0": each { $0.eightBits(into: $1) }
    case "Q4_K": each { $0.superblock(highBits: nil, lowBits: 16, into: $1) }
    case "Q5_K": each { $0.superblock(highBits: 16, lowBits: 48, into: $1) }
    case "Q6_K": each { $0.sixBits(into: $1) }
    default: nil
    }
  }

  private func each(_ body: @escaping (BlockBytes, UnsafeMutablePointer<Float>) -> Void) -> Dequantizer {
    { bytes, floats, count in
      for block in 0..<count { body(BlockBytes(bytes + block * blockBytes), floats + block * blockValues) }
    }
  }

  private static func half(of bytes: UnsafeRawPointer, at index: Int) -> UInt16 {
    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
  }
}

/// One block of quantised values. Blocks of 32 begin with a half-precision scale and, in the types `_1`, a minimum.
private struct BlockBytes {
  let bytes: UnsafeRawPointer

  init(_ bytes: UnsafeRawPointer) {
    self.bytes = bytes
  }

  func half(at offset: Int) -> Float {
    HalfPrecision.float(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  private func byte(_ offset: Int) -> Int { Int(bytes.load(fromByteOffset: offset, as: UInt8.self)) }

  private func value(_ number: Int, _ scale: Float, _ minimum: Float?) -> Float {
    let product = Float(number) * scale
    return minimum.map { product + $0 } ?? product
  }

  /// 16 bytes: values 0–15 in the low nibbles, 16–31 in the high ones.
  func fourBits(at start: Int, offset: Int, minimum: Float?, into floats: UnsafeMutablePointer<Float>) {
    let scale = half(at: 0)
    for index in 0..<16 {
      let pair = byte(start + index)
      floats[index] = value((pair & 15) - offset, scale, minimum)
      floats[index + 16] = value((pair >> 4) - offset, scale, minimum)
    }
  }

  /// As four bits, with the fifth of each in 32 bits before them.
  func fiveBits(at start: Int, offset: Int, minimum: Float?, into floats: UnsafeMutablePointer<Float>) {
    let scale = half(at: 0)
    let high = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    for index in 0..<16 {
      let pair = byte(start + 4 + index)
      floats[index] = value((pair & 15 | (high >> index & 1) << 4) - offset, scale, minimum)
      floats[index + 16] = value((pair >> 4 | (high >> (index + 16) & 1) << 4) - offset, scale, minimum)
    }
  }

  func eightBits(into floats: UnsafeMutablePointer<Float>) {
    let scale = half(at: 0)
    for index in 0..<32 {
      floats[index] = Float(bytes.load(fromByteOffset: 2 + index, as: Int8.self)) * scale
    }
  }

  /// 256 values in eight groups of 32 with a scale and a minimum of 6 bits each, themselves scaled by two halves: Q4_K, and
  /// Q5_K, whose fifth bits lie in 32 bytes, one bit of each for every group.
  func superblock(highBits: Int?, lowBits: Int, into floats: UnsafeMutablePointer<Float>) {
    let (scale, minimum) = (half(at: 0), half(at: 2))
    for group in 0..<8 {
      let (groupScale, groupMinimum) = sixBitPair(group)
      let step = scale * Float(groupScale)
      let least = minimum * Float(groupMinimum)
      for index in 0..<32 {
        let pair = byte(lowBits + group / 2 * 32 + index)
        let low = group % 2 == 0 ? pair & 15 : pair >> 4
        let high = highBits.map { byte($0 + index) >> group & 1 } ?? 0
        floats[group * 32 + index] = step * Float(low | high << 4) - least
      }
    }
  }

  /// Scale and minimum of a group, of 6 bits each, from the 12 bytes at 4.
  private func sixBitPair(_ group: Int) -> (scale: Int, minimum: Int) {
    if group < 4 { return (byte(4 + group) & 63, byte(8 + group) & 63) }
    let pair = byte(8 + group)
    return (pair & 15 | (byte(group) >> 6) << 4, pair >> 4 | (byte(4 + group) >> 6) << 4)
  }

  /// Q6_K: 256 values in two halves of 128; low nibbles, then two high bits each, then 16 signed scales, then their scale.
  func sixBits(into floats: UnsafeMutablePointer<Float>) {
    let scale = half(at: 208)
    for index in 0..<256 {
      let (half, quarter, place) = (index / 128, index % 128 / 32, index % 32)
      let pair = byte(half * 64 + quarter % 2 * 32 + place)
      let low = quarter < 2 ? pair & 15 : pair >> 4
      let high = byte(128 + half * 32 + place) >> (2 * quarter) & 3
      let step = scale * Float(bytes.load(fromByteOffset: 192 + index / 16, as: Int8.self))
      floats[index] = step * Float((low | high << 4) - 32)
    }
  }
}

/// IEEE 754 binary16, which Swift's `Float16` is on every machine but Intel's Macs.
enum HalfPrecision {
  static func float(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
}
