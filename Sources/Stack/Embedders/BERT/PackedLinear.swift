internal import Kernels

/// The kernels of a floating type: what a product reads, and what it writes for the next one.
struct FloatingArithmetic: Sendable {
  let elementBytes: Int
  let product: EncoderKernels.Product
  let attention: EncoderKernels.Attention
  let layerNorm: EncoderKernels.LayerNorm

  static func f32(_ kernels: EncoderKernels) -> FloatingArithmetic {
    FloatingArithmetic(
      elementBytes: 4, product: kernels.productF32, attention: kernels.attentionF32, layerNorm: kernels.layerNormF32)
  }

  static func bf16(_ kernels: EncoderKernels) -> FloatingArithmetic {
    FloatingArithmetic(
      elementBytes: 2, product: kernels.productBF16, attention: kernels.attentionBF16, layerNorm: kernels.layerNormBF16)
  }
}

/// A linear layer whose weights are packed in panels of one floating type.
struct PackedLinear: Sendable {
  let outputs: Int
  let inputs: Int
  private let panels: AlignedMemory
  private let bias: AlignedMemory
  private let product: EncoderKernels.Product

  /// - Parameter weights: outputs and inputs are multiples of 32.
  init(_ weights: LinearWeights, _ arithmetic: FloatingArithmetic) {
    outputs = weights.outputs
    inputs = weights.inputs
    bias = AlignedMemory(weights.bias)
    product = arithmetic.product
    let panels = AlignedMemory(bytes: weights.weight.count * arithmetic.elementBytes)
    let cells = weights.inputs * arithmetic.elementBytes / 4
    if arithmetic.elementBytes == 4 {
      EncoderKernels.pack(weights.weight, rows: weights.outputs, cells: cells, into: panels.pointer)
    } else {
      let rounded = EncoderKernels.roundToBF16(weights.weight)
      EncoderKernels.pack(rounded, rows: weights.outputs, cells: cells, into: panels.pointer)
    }
    self.panels = panels
  }

  func callAsFunction(_ input: Rows, count: Int, _ epilogue: ProductEpilogue, into output: Rows) {
    var call = EncoderProduct(
      count: count, outputs: outputs, inputs: inputs, rows: input.base, rowStride: input.stride, panels: panels.pointer,
      bias: bias.floats, out: output.base, outStride: output.stride)
    product(&call, epilogue)
  }
}

/// Rows of activations, `stride` bytes apart.
struct Rows {
  var base: UnsafeMutableRawPointer
  var stride: Int

  func from(_ row: Int) -> Rows { Rows(base: base + row * stride, stride: stride) }
  func advanced(bytes: Int) -> Rows { Rows(base: base + bytes, stride: stride) }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}

/// Layer normalisation with its affine, padded with zeros.
struct PackedNorm: Sendable {
  let width: Int
  private let epsilon: Float
  private let weight: AlignedMemory
  private let bias: AlignedMemory
  private let kernel: EncoderKernels.LayerNorm

  init(_ weights: NormWeights, epsilon: Float, _ kernel: @escaping EncoderKernels.LayerNorm) {
    width = weights.weight.count
    self.epsilon = epsilon
    self.kernel = kernel
    let padding = [Float](repeating: 0, count: EncoderKernels.padded(width) - width)
    weight = AlignedMemory(weights.weight + padding)
    bias = AlignedMemory(weights.bias + padding)
  }

  /// - Parameter copy: where to put the rows once more in the kernel's type.
  func callAsFunction(_ rows: Rows, count: Int, copy: Rows?) {
    var call = EncoderLayerNorm(
      count: count, width: width, epsilon: epsilon, weight: weight.floats, bias: bias.floats, rows: rows.floats,
      rowStride: rows.stride, copy: copy?.base, copyStride: copy?.stride ?? 0)
    kernel(&call)
  }
}
