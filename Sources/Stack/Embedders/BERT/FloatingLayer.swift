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
    for stretch in workspace.stretches(of: block.rows) {
      mixHeads(stretch, workspace)
      widen(stretch, workspace)
      narrow(stretch, workspace)
    }
  }

  /// Adds what the heads attended to to the hidden states.
  func mixHeads(_ stretch: Range<Int>, _ workspace: EncoderWorkspace) {
    let hidden = workspace.hidden.from(stretch.lowerBound)
    attentionOutput(workspace.context.from(stretch.lowerBound), count: stretch.count, .biasAdd, into: hidden)
    attentionNorm(hidden, count: stretch.count, copy: workspace.rounded?.from(stretch.lowerBound))
  }

  /// The first half of the feed-forward part, into the workspace's intermediate rows.
  func widen(_ stretch: Range<Int>, _ workspace: EncoderWorkspace) {
    let rows = (workspace.rounded ?? workspace.hidden).from(stretch.lowerBound)
    intermediate(rows, count: stretch.count, .biasGELU, into: workspace.intermediate)
  }

  /// The second half, added to the hidden states.
  func narrow(_ stretch: Range<Int>, _ workspace: EncoderWorkspace) {
    let hidden = workspace.hidden.from(stretch.lowerBound)
    output(workspace.intermediate, count: stretch.count, .biasAdd, into: hidden)
    outputNorm(hidden, count: stretch.count, copy: workspace.rounded?.from(stretch.lowerBound))
  }

  /// Head by head, so that queries, keys and values of one are still in the cache when they meet.
  func attend(_ block: TextBlock, _ workspace: EncoderWorkspace) {
    for (head, input) in headInputs.enumerated() {
      input(workspace.rounded ?? workspace.hidden, count: block.rows, .bias, into: workspace.head)
      workspace.attend(block, head: head, shape, arithmetic.attention)
    }
  }
}
