import Kernels
import Testing

/// Activations as bytes: every implementation against the scalar one, and the scalar one against its definition.
@Suite struct EncoderByteTests {
  private struct Quantized {
    var bytes: [UInt8]
    var scales: [Float]
    var zeros: [Float]

    func value(_ row: Int, _ column: Int, width: Int, groups: Int) -> Float {
      let group = row * groups + column * groups / width
      return scales[group] * (Float(bytes[row * width + column]) - zeros[group])
    }
  }

  private func quantize(_ values: [Float], count: Int, width: Int, groups: Int, _ kernels: EncoderKernels) -> Quantized
  {
    var result = Quantized(
      bytes: Array(repeating: 7, count: values.count + 3), scales: Array(repeating: 0, count: count * groups),
      zeros: Array(repeating: 0, count: count * groups))
    let rows = EncoderKernels.roundToBF16(values)
    result.bytes.withUnsafeMutableBytes { bytes in
      result.scales.withUnsafeMutableBufferPointer { scales in
        result.zeros.withUnsafeMutableBufferPointer { zeros in
          var call = ByteRowsCall(
            count: count, width: width, groups: groups, rows: rows, rowStride: width * 2, out: bytes.baseAddress!,
            outStride: width, scales: scales.baseAddress!, zeros: zeros.baseAddress!)
          kernels.quantizeBF16(&call)
        }
      }
    }
    return result
  }

  @Test(arguments: EncoderKernels.available) func rowsOfBytes(name: String) throws {
    let (kernel, scalar) = (try #require(EncoderKernels.named(name)), try #require(EncoderKernels.named("scalar")))
    for seed in UInt64(0)..<100 {
      var random = SeededRandom(seed: seed)
      let count = Int.random(in: 1...9, using: &random)
      let groups = Int.random(in: 1...4, using: &random)
      let width = groups * 32 * Int.random(in: 1...5, using: &random)
      var values = random.floats(count * width).map { $0 * 3 + Float(seed % 5) * 20 }
      if seed < 3 { values = Array(repeating: [0, 1, -1e4][Int(seed)], count: count * width) }
      let got = quantize(values, count: count, width: width, groups: groups, kernel)
      let expected = quantize(values, count: count, width: width, groups: groups, scalar)
      #expect(got.scales == expected.scales, "seed \(seed)")
      #expect(got.zeros == expected.zeros, "seed \(seed)")
      // A value in the middle between two bytes may go either way.
      #expect(zip(got.bytes, expected.bytes).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "seed \(seed)")
      for row in 0..<count {
        for column in 0..<width {
          let error = abs(got.value(row, column, width: width, groups: groups) - values[row * width + column])
          let step = got.scales[row * groups + column * groups / width]
          // Half a step for each of the two roundings, and bf16's.
          #expect(error <= 1.01 * step + abs(values[row * width + column]) / 256, "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: EncoderKernels.available) func layerNormToBytes(name: String) throws {
    let (kernel, scalar) = (try #require(EncoderKernels.named(name)), try #require(EncoderKernels.named("scalar")))
    for seed in UInt64(0)..<60 {
      var random = SeededRandom(seed: seed)
      let count = Int.random(in: 0...9, using: &random)
      let width = Int.random(in: 1...400, using: &random)
      let padded = EncoderKernels.padded(width)
      let zeros = [Float](repeating: 0, count: padded - width)
      let affine = (0..<4).map { _ in random.floats(width) + zeros }
      let rows = (0..<count).flatMap { _ in random.floats(width) + zeros }
      func run(_ kernels: EncoderKernels) -> (rows: [Float], bytes: Quantized) {
        var rows = rows + [5]
        var result = Quantized(
          bytes: Array(repeating: 7, count: count * padded + 3), scales: Array(repeating: 0, count: count + 1),
          zeros: Array(repeating: 0, count: count + 1))
        rows.withUnsafeMutableBufferPointer { rows in
          result.bytes.withUnsafeMutableBytes { bytes in
            result.scales.withUnsafeMutableBufferPointer { scales in
              result.zeros.withUnsafeMutableBufferPointer { zeros in
                var call = EncoderLayerNorm(
                  count: count, width: width, epsilon: 1e-5, weight: affine[0], bias: affine[1],
                  rows: rows.baseAddress!, rowStride: padded * 4, copy: bytes.baseAddress!, copyStride: padded)
                var other = ByteAffine(
                  weight: affine[2], bias: affine[3], rowScales: scales.baseAddress!, rowZeros: zeros.baseAddress!)
                kernels.layerNormI8(&call, &other)
              }
            }
          }
        }
        return (rows, result)
      }
      let (got, expected) = (run(kernel), run(scalar))
      #expect(zip(got.rows, expected.rows).allSatisfy { abs($0 - $1) <= 4e-5 }, "seed \(seed)")
      #expect(got.bytes.bytes.suffix(3) == [7, 7, 7], "seed \(seed)")
      for row in 0..<count {
        for column in 0..<padded {
          let pair = [got.bytes, expected.bytes].map { $0.value(row, column, width: padded, groups: 1) }
          #expect(abs(pair[0] - pair[1]) <= 1.01 * expected.bytes.scales[row] + 1e-4, "seed \(seed)")
        }
      }
    }
  }
}
