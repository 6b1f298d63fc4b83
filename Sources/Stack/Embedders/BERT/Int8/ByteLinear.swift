internal import Kernels
internal import Synchronization

/// A linear layer over bytes: signed weights with a scale for every output and group of inputs.
struct ByteLinear: Sendable {
  let outputs: Int
  let inputs: Int
  private let groups: Int
  private let panels: AlignedMemory
  private let bias: AlignedMemory
  /// `groups × outputs` each.
  private let columnScales: AlignedMemory
  private let columnSums: AlignedMemory
  private let product: EncoderKernels.ByteProduct

  /// - Parameters:
  ///   - weights: outputs and inputs are multiples of 32.
  ///   - input: what it will read, by which the weights are divided among the smoothed columns, clipped where that costs
  ///     least, and the bias corrected for the mean error.
  init(_ weights: LinearWeights, _ input: QuantizedInput, threads: Int, _ kernels: EncoderKernels) {
    outputs = weights.outputs
    inputs = weights.inputs
    groups = input.groups
    product = kernels.productI8
    let outputs = weights.outputs
    let inputs = weights.inputs
    let groups = input.groups
    let bytes = AlignedMemory(bytes: outputs * inputs)
    let scales = AlignedMemory(bytes: groups * outputs * 4)
    let sums = AlignedMemory(bytes: groups * outputs * 4)
    let corrected = AlignedMemory(weights.bias)
    Parallel.forEach(count: outputs, threads: threads, grain: 16) { _, range in
      for output in range {
        var row = Array(weights.weight[output * inputs..<(output + 1) * inputs])
        var correction: Float = 0
        for column in 0..<inputs {
          correction += row[column] * input.smoothing.shift[column]
          row[column] *= input.smoothing.scale[column]
          correction += row[column] * input.mean[column]
        }
        for group in 0..<groups {
          let columns = group * inputs / groups..<(group + 1) * inputs / groups
          let scale = WeightScale.search(row[columns], power: input.power[columns])
          var sum = 0
          for column in columns {
            let byte = WeightScale.byte(row[column], scale)
            bytes.pointer.storeBytes(of: byte, toByteOffset: output * inputs + column, as: Int8.self)
            sum += Int(byte)
            correction -= scale * Float(byte) * input.roundedMean[column]
          }
          scales.floats[group * outputs + output] = scale
          sums.floats[group * outputs + output] = scale * Float(sum)
        }
        corrected.floats[output] += correction
      }
    }
    let panels = AlignedMemory(bytes: outputs * inputs)
    EncoderKernels.pack(bytes.pointer, rows: outputs, cells: inputs / 4, into: panels.pointer)
    self.panels = panels
    bias = corrected
    columnScales = scales
    columnSums = sums
  }

  func callAsFunction(_ input: ByteRows, count: Int, _ epilogue: ProductEpilogue, into output: Rows) {
    var call = EncoderProduct(
      count: count, outputs: outputs, inputs: inputs, rows: input.rows.base, rowStride: input.rows.stride,
      panels: panels.pointer, bias: bias.floats, out: output.base, outStride: output.stride)
    var scales = ByteScales(
      groups: groups, rowScales: input.scales, rowZeros: input.zeros, columnScales: columnScales.floats,
      columnSums: columnSums.floats)
    product(&call, &scales, epilogue)
  }
}

/// The scale of an output's signed bytes.
enum WeightScale {
  /// The one among ten clips whose rounding and clipping errors, weighed by the power of each input, add up to least.
  static func search(_ weights: ArraySlice<Float>, power: ArraySlice<Float>) -> Float {
    let greatest = weights.reduce(0) { max($0, abs($1)) }
    guard greatest > 0 else { return 1 }
    var best: (error: Float, scale: Float) = (.infinity, greatest / 127)
    weights.withUnsafeBufferPointer { weights in
      power.withUnsafeBufferPointer { power in
        for clip in stride(from: Float(1), through: 0.6, by: -0.05) {
          let scale = greatest * clip / 127
          let error = self.error(weights, power, scale)
          if error < best.error { best = (error, scale) }
        }
      }
    }
    return best.scale
  }

  static func byte(_ weight: Float, _ scale: Float) -> Int8 {
    Int8(max(-127, min(127, weight / scale)).rounded(.toNearestOrEven))
  }

  /// Eight sums side by side, which the compiler turns into vectors.
  private static func error(
    _ weights: UnsafeBufferPointer<Float>, _ power: UnsafeBufferPointer<Float>, _ scale: Float
  ) -> Float {
    let inverse = SIMD8<Float>(repeating: 1 / scale)
    let step = SIMD8<Float>(repeating: scale)
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let most = SIMD8<Float>(repeating: 127)
    var sums = SIMD8<Float>.zero
    for start in stride(from: 0, to: weights.count, by: 8) {
      var w = SIMD8<Float>.zero
      var p = SIMD8<Float>.zero
      for lane in 0..<8 {
        w[lane] = weights[start + lane]
        p[lane] = power[start + lane]
      }
      let clipped = (w * inverse).clamped(lowerBound: -most, upperBound: most)
      let difference = ((clipped + magic) - magic) * step - w
      sums = sums + difference * difference * p
    }
    return sums.sum()
  }
}
