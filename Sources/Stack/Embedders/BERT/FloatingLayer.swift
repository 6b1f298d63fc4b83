internal import Kernels

/// A layer in float32 or bf16: post-norm, as BERT has it (Devlin et al. 2018; Vaswani et al. 2017, section 3.1).
struct FloatingLayer: EncoderLayer {
  private let shape: EncoderShape
  private let arithmetic: FloatingArithmetic
  private let headInputs: [PackedLinear]
  private let attentionOutput: PackedLinear
  private let attentionNorm: PackedNorm
  private let intermediate: PackedLinear
  private let output: PackedLinear
  private let outputNorm: PackedNorm

  init(_ weights: BERTLayerWeights, _ shape: EncoderShape, _ arithmetic: FloatingArithmetic) {
    self.shape = shape
    self.arithmetic = arithmetic
    headInputs = weights.headInputs(shape).map { PackedLinear($0, arithmetic) }
    attentionOutput = PackedLinear(weights.spreadAttentionOutput(shape), arithmetic)
    attentionNorm = PackedNorm(weights.attentionNorm, epsilon: shape.epsilon, arithmetic.layerNorm)
    intermediate = PackedLinear(weights.spreadIntermediate(shape), arithmetic)
    output = PackedLinear(weights.spreadOutput(shape), arithmetic)
    outputNorm = PackedNorm(weights.outputNorm, epsilon: shape.epsilon, arithmetic.layerNorm)
  }

  func apply(to block: TextBlock, in workspace: EncoderWorkspace) {
    attend(block, workspace)
    // Short stretches of rows, so that the wide activations between the two products stay in the second-level cache.
    let stretches = (block.rows - 1) / workspace.intermediateRows + 1
    for stretch in 0..<stretches {
      let first = stretch * block.rows / stretches
      let count = (stretch + 1) * block.rows / stretches - first
      let hidden = workspace.hidden.from(first)
      let rounded = workspace.rounded?.from(first)
      attentionOutput(workspace.context.from(first), count: count, .biasAdd, into: hidden)
      attentionNorm(hidden, count: count, copy: rounded)
      intermediate(rounded ?? hidden, count: count, .biasGELU, into: workspace.intermediate)
      output(workspace.intermediate, count: count, .biasAdd, into: hidden)
      outputNorm(hidden, count: count, copy: rounded)
    }
  }

  /// Head by head, so that queries, keys and values of one are still in the cache when they meet.
  private func attend(_ block: TextBlock, _ workspace: EncoderWorkspace) {
    let width = shape.paddedHeadWidth * arithmetic.elementBytes
    for (head, input) in headInputs.enumerated() {
      input(workspace.rounded ?? workspace.hidden, count: block.rows, .bias, into: workspace.head)
      for text in 0..<block.texts.count {
        let queries = workspace.head.from(block.starts[text])
        let context = workspace.context.from(block.starts[text]).advanced(bytes: head * width)
        var call = EncoderAttention(
          length: block.starts[text + 1] - block.starts[text], width: shape.paddedHeadWidth, queries: queries.base,
          keys: queries.base + width, values: queries.base + 2 * width, stride: queries.stride, out: context.base,
          outStride: context.stride, scratch: workspace.scratch)
        arithmetic.attention(&call)
      }
    }
  }
}
