internal import Kernels
internal import ModelFiles

/// A matrix of weights in float32, packed in panels for the encoders' product.
///
/// `@unchecked Sendable`: written by `init` alone.
final class FloatMatrix: @unchecked Sendable {
  /// Rows and columns in memory, filled up with zeros to multiples of 32.
  let outputs: Int
  let inputs: Int
  private let panels: AlignedMemory
  private let bias: AlignedMemory
  private let product: EncoderKernels.Product

  /// - Throws: `ModelFileError` if the weights are of a type that cannot be read.
  init(_ weights: WeightMatrix, bias: [Float] = [], _ kernels: EncoderKernels) throws {
    let width = EncoderKernels.panelColumns
    outputs = EncoderKernels.padded(weights.rows)
    inputs = EncoderKernels.padded(weights.columns)
    product = kernels.productF32
    self.bias = AlignedMemory(bias + [Float](repeating: 0, count: outputs - bias.count))
    panels = AlignedMemory(bytes: outputs * inputs * 4)
    var panel = [Float](repeating: 0, count: width * inputs)
    for first in stride(from: 0, to: weights.rows, by: width) {
      let rows = first..<min(first + width, weights.rows)
      try panel.withUnsafeMutableBufferPointer { panel in
        if rows.count < width { panel.update(repeating: 0) }
        for row in rows {
          let start = (row - first) * inputs
          try weights.dequantize(
            rows: row..<row + 1, into: UnsafeMutableBufferPointer(rebasing: panel[start..<start + weights.columns]))
        }
      }
      panel.withUnsafeBytes {
        guard let base = $0.baseAddress else { return }
        EncoderKernels.pack(base, rows: width, cells: inputs, into: panels.pointer + first * inputs * 4)
      }
    }
    weights.releaseMemory()
  }

  /// `output = input · weightsᵀ + bias`, or added to what is there.
  ///
  /// - Parameters:
  ///   - input: `count × inputs`.
  ///   - output: `count × outputs`.
  func callAsFunction(
    _ input: UnsafePointer<Float>, count: Int, adding: Bool = false, into output: UnsafeMutablePointer<Float>,
    threads: Int
  ) {
    let width = EncoderKernels.panelColumns
    // Pointers of the caller's, who waits until all pieces are done; no two pieces write the same columns.
    nonisolated(unsafe) let (input, output) = (input, output)
    Parallel.forEach(count: outputs / width, threads: threads, grain: max(1, outputs / width / (4 * threads))) {
      _, pieces in
      let first = pieces.lowerBound * width
      var call = EncoderProduct(
        count: count, outputs: pieces.count * width, inputs: self.inputs, rows: input, rowStride: self.inputs * 4,
        panels: self.panels.pointer + first * self.inputs * 4, bias: self.bias.floats + first, out: output + first,
        outStride: self.outputs * 4)
      self.product(&call, adding ? ProductEpilogue.biasAdd : ProductEpilogue.bias)
    }
  }
}
