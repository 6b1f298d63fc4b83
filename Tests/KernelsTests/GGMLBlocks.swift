import Kernels

/// Random blocks of ggml's types, and what they stand for: written from the format's description, in double precision.
struct GGMLBlocks {
  let format: WeightFormat
  let rows: Int
  let columns: Int
  private(set) var bytes: [UInt8]

  init(_ format: WeightFormat, rows: Int, columns: Int, random: inout SeededRandom) {
    self.format = format
    self.rows = rows
    self.columns = columns
    let blocks = rows * columns / format.blockValues
    bytes = []
    bytes.reserveCapacity(blocks * format.blockBytes)
    for _ in 0..<blocks {
      var block = (0..<format.blockBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
      for offset in Self.halfOffsets(format) {
        let scale = Float.random(in: 0.001...0.1, using: &random) * (Bool.random(using: &random) ? 1 : -1)
        let bits = Float16(scale).bitPattern
        block.replaceSubrange(offset..<offset + 2, with: [UInt8(bits & 255), UInt8(bits >> 8)])
      }
      if format == .f32 { block = withUnsafeBytes(of: Float.random(in: -1...1, using: &random)) { Array($0) } }
      if format == .bf16 { block[1] = block[1] & 0x80 | 0x3e }
      bytes += block
    }
  }

  private static func halfOffsets(_ format: WeightFormat) -> [Int] {
    switch format {
    case .f32, .bf16: []
    case .f16, .q40, .q50, .q80: [0]
    case .q41, .q51, .q4K, .q5K: [0, 2]
    case .q6K: [208]
    }
  }

  /// A weight as the sum of two terms, scale · integer and minimum: together its value, apart the measure of its rounding.
  typealias Weight = (product: Double, minimum: Double)

  /// Row-major.
  func weights() -> [Weight] {
    let perBlock = format.blockValues
    return (0..<rows * columns).map { index in
      let block = bytes[index / perBlock * format.blockBytes..<(index / perBlock + 1) * format.blockBytes]
      return weight(Array(block), index % perBlock)
    }
  }

  private func half(_ block: [UInt8], _ offset: Int) -> Double {
    Double(Float16(bitPattern: UInt16(block[offset]) | UInt16(block[offset + 1]) << 8))
  }

  private func weight(_ block: [UInt8], _ i: Int) -> Weight {
    func nibble(_ start: Int) -> Int { Int(i < 16 ? block[start + i] & 15 : block[start + i - 16] >> 4) }
    func fifth(_ start: Int) -> Int { Int(block[start + i / 8] >> (i % 8) & 1) << 4 }
    switch format {
    case .f32:
      let bits = block.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (Double(Float(bitPattern: bits)), 0)
    case .f16: return (half(block, 0), 0)
    case .bf16: return (Double(Float(bitPattern: (UInt32(block[0]) | UInt32(block[1]) << 8) << 16)), 0)
    case .q40: return (half(block, 0) * Double(nibble(2) - 8), 0)
    case .q41: return (half(block, 0) * Double(nibble(4)), half(block, 2))
    case .q50: return (half(block, 0) * Double((nibble(6) | fifth(2)) - 16), 0)
    case .q51: return (half(block, 0) * Double(nibble(8) | fifth(4)), half(block, 2))
    case .q80: return (half(block, 0) * Double(Int8(bitPattern: block[2 + i])), 0)
    case .q4K, .q5K: return superBlockWeight(block, i)
    case .q6K:
      let (half128, position) = (i / 128, i % 128)
      let low = block[half128 * 64 + position % 64] >> (position < 64 ? 0 : 4) & 15
      let high = block[128 + half128 * 32 + position % 32] >> (position / 32 * 2) & 3
      let scale = Double(Int8(bitPattern: block[192 + i / 16]))
      return (half(block, 208) * scale * Double(Int(low | high << 4) - 32), 0)
    }
  }

  private func superBlockWeight(_ block: [UInt8], _ i: Int) -> Weight {
    let scales = Array(block[4..<16]).map { Int($0) }
    let sub = i / 32
    let scale = sub < 4 ? scales[sub] & 63 : scales[sub + 4] & 15 | (scales[sub - 4] >> 6) << 4
    let minimum = sub < 4 ? scales[sub + 4] & 63 : scales[sub + 4] >> 4 | (scales[sub] >> 6) << 4
    let nibbles = format == .q4K ? 16 : 48
    var value = Int(block[nibbles + i / 64 * 32 + i % 32] >> (i % 64 < 32 ? 0 : 4) & 15)
    if format == .q5K { value |= Int(block[16 + i % 32] >> sub & 1) << 4 }
    return (half(block, 0) * Double(scale * value), -half(block, 2) * Double(minimum))
  }

  /// What packing may change of a weight: scales that are products of two numbers are rounded to float16.
  var scaleRounding: Double { format == .q4K || format == .q5K || format == .q6K ? 1.0 / 2048 : 0 }

  func withRows<Result>(
    order: [Int]? = nil, bias: [Float]? = nil, _ body: (WeightRows) throws -> Result
  ) rethrows -> Result {
    try bytes.withUnsafeBytes {
      try body(WeightRows(rows: rows, columns: columns, format: format, bytes: $0, order: order, bias: bias))
    }
  }
}
