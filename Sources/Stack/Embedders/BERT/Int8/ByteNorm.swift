internal import Kernels

/// Layer normalisation that leaves the rows in float32 and writes the bytes that the next product reads.
struct ByteNorm: Sendable {
  private let width: Int
  private let epsilon: Float
  private let weight: AlignedMemory
  private let bias: AlignedMemory
  /// The affine of the bytes; nil where no product follows.
  private let next: (weight: AlignedMemory, bias: AlignedMemory)?
  private let kernels: EncoderKernels

  init(_ norm: NormWeights, epsilon: Float, next smoothing: InputSmoothing?, _ kernels: EncoderKernels) {
    width = norm.weight.count
    self.epsilon = epsilon
    self.kernels = kernels
    let padding = [Float](repeating: 0, count: EncoderKernels.padded(width) - width)
    weight = AlignedMemory(norm.weight + padding)
    bias = AlignedMemory(norm.bias + padding)
    next = smoothing.map { smoothing in
      (
        AlignedMemory(zip(norm.weight, smoothing.scale).map { $0 / $1 } + padding),
        AlignedMemory(norm.bias.indices.map { (norm.bias[$0] - smoothing.shift[$0]) / smoothing.scale[$0] } + padding)
      )
    }
  }

  func callAsFunction(_ rows: Rows, count: Int, bytes: ByteRows) {
    var call = EncoderLayerNorm(
      count: count, width: width, epsilon: epsilon, weight: weight.floats, bias: bias.floats, rows: rows.floats,
      rowStride: rows.stride, copy: next == nil ? nil : bytes.rows.base, copyStride: bytes.rows.stride)
    if let next {
      var affine = ByteAffine(
        weight: next.weight.floats, bias: next.bias.floats, rowScales: bytes.scales, rowZeros: bytes.zeros)
      kernels.layerNormI8(&call, &affine)
    } else {
      kernels.layerNormF32(&call)
    }
  }
}
