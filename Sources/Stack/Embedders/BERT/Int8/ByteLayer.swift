internal import Kernels

/// A layer whose four products multiply bytes; attention is in bf16, the residual stream and the norms in float32.
struct ByteLayer: EncoderLayer {
  let shape: EncoderShape
  let kernels: EncoderKernels
  let headInputs: [ByteLinear]
  let attentionOutput: ByteLinear
  let attentionNorm: ByteNorm
  let intermediate: ByteLinear
  let output: ByteLinear
  let outputNorm: ByteNorm

  func apply(to block: TextBlock, in workspace: EncoderWorkspace) {
    guard let bytes = workspace.bytes else { return }
    attend(block, bytes.input, workspace)
    for stretch in workspace.stretches(of: block.rows) {
      let hidden = workspace.hidden.from(stretch.lowerBound)
      let input = bytes.input.from(stretch.lowerBound)
      let context = workspace.context.from(stretch.lowerBound)
      input.quantize(context, count: stretch.count, width: shape.paddedHeads, kernels)
      attentionOutput(input, count: stretch.count, .biasAdd, into: hidden)
      attentionNorm(hidden, count: stretch.count, bytes: input)
      intermediate(input, count: stretch.count, .biasGELU, into: workspace.intermediate)
      bytes.intermediate.quantize(
        workspace.intermediate, count: stretch.count, width: shape.paddedIntermediate, kernels)
      output(bytes.intermediate, count: stretch.count, .biasAdd, into: hidden)
      outputNorm(hidden, count: stretch.count, bytes: input)
    }
  }

  private func attend(_ block: TextBlock, _ input: ByteRows, _ workspace: EncoderWorkspace) {
    for (head, linear) in headInputs.enumerated() {
      linear(input, count: block.rows, .bias, into: workspace.head)
      workspace.attend(block, head: head, shape, kernels.attentionBF16)
    }
  }
}
