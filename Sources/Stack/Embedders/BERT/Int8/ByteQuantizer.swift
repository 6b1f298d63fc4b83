internal import Kernels
internal import ModelFiles

/// Makes int8 layers of a model's float32 weights: runs sample texts through the layers in float32, one at a time, and sets
/// shifts, scales and corrections by what each product reads.
struct ByteQuantizer {
  private let shape: EncoderShape
  private let kernels: EncoderKernels
  private let threads: Int
  private let arithmetic: FloatingArithmetic
  private let workspace: EncoderWorkspace
  private let block: TextBlock

  /// - Complexity: time O(samples × weights) and some twenty passes over the weights; memory of one layer and its samples.
  static func layers(
    _ weights: BERTWeights, embeddings: TokenEmbeddings, norm: NormWeights, shape: EncoderShape,
    texts: CalibrationTexts,
    threads: Int, _ kernels: EncoderKernels
  ) throws -> (norm: ByteNorm, layers: [ByteLayer]) {
    let quantizer = ByteQuantizer(shape, texts, threads, kernels)
    let workspace = quantizer.workspace
    texts.ids.withUnsafeBufferPointer { ids in
      if let base = ids.baseAddress { embeddings.fill(workspace, quantizer.block, ids: base) }
    }
    PackedNorm(norm, epsilon: shape.epsilon, kernels.layerNormF32)(
      workspace.hidden, count: quantizer.block.rows, copy: nil)
    // The norm before a layer is made when that layer is known.
    var norms: [ByteNorm] = []
    var before = norm
    var parts: [LayerParts] = []
    for index in 0..<weights.configuration.layers {
      let layer = try weights.layer(index)
      let (part, smoothing) = quantizer.layer(layer)
      norms.append(ByteNorm(before, epsilon: shape.epsilon, next: smoothing, kernels))
      parts.append(part)
      before = layer.outputNorm
    }
    norms.append(ByteNorm(before, epsilon: shape.epsilon, next: nil, kernels))
    let layers = zip(parts, norms.dropFirst()).map { part, norm in
      ByteLayer(
        shape: shape, kernels: kernels, headInputs: part.headInputs, attentionOutput: part.attentionOutput,
        attentionNorm: part.attentionNorm, intermediate: part.intermediate, output: part.output, outputNorm: norm)
    }
    return (norms[0], layers)
  }

  private struct LayerParts {
    var headInputs: [ByteLinear]
    var attentionOutput: ByteLinear
    var attentionNorm: ByteNorm
    var intermediate: ByteLinear
    var output: ByteLinear
  }

  private init(_ shape: EncoderShape, _ texts: CalibrationTexts, _ threads: Int, _ kernels: EncoderKernels) {
    self.shape = shape
    self.kernels = kernels
    self.threads = threads
    arithmetic = .f32(kernels)
    block = TextBlock(texts: 0..<texts.offsets.count - 1, starts: texts.offsets)
    let longest = zip(texts.offsets, texts.offsets.dropFirst()).reduce(1) { max($0, $1.1 - $1.0) }
    workspace = EncoderWorkspace(shape, .f32, rows: block.rows, longest: longest)
  }

  /// The int8 layer but for its last norm, and what its input has to be smoothed by. Leaves the next layer's input in the
  /// workspace.
  private func layer(_ weights: BERTLayerWeights) -> (LayerParts, InputSmoothing) {
    let floating = FloatingLayer(weights, shape, arithmetic)
    let states = sample(workspace.hidden, width: shape.paddedHidden)
    floating.attend(block, workspace)
    let context = sample(workspace.context, width: shape.paddedHeads)
    var mixed = ActivationSample(width: shape.paddedHidden)
    var wide = ActivationSample(width: shape.paddedIntermediate)
    for stretch in workspace.stretches(of: block.rows) {
      floating.mixHeads(stretch, workspace)
      mixed.append(workspace.hidden.from(stretch.lowerBound), count: stretch.count)
      floating.widen(stretch, workspace)
      wide.append(workspace.intermediate, count: stretch.count)
      floating.narrow(stretch, workspace)
    }

    let attentionOutput = weights.spreadAttentionOutput(shape)
    let contextSmoothing = InputSmoothing(context, weights: [attentionOutput])
    let stateSmoothing = InputSmoothing(states, weights: [weights.query, weights.key, weights.value])
    let stateInput = QuantizedInput(states, stateSmoothing, groups: 1)
    let mixedSmoothing = InputSmoothing(mixed, weights: [weights.intermediate])
    // Neighbours in order of range share a group, so that no unit is rounded by the scale of a far larger one.
    let order = zip(wide.ranges(), 0...).sorted { ($0.0.upperBound, $0.1) < ($1.0.upperBound, $1.1) }.map(\.1)
    let wideInput = QuantizedInput(
      wide.reordered(order), .none(width: wide.width), groups: shape.intermediateGroups)

    let parts = LayerParts(
      headInputs: weights.smoothingContext(contextSmoothing, shape).headInputs(shape).map { linear($0, stateInput) },
      attentionOutput: linear(attentionOutput, QuantizedInput(context, contextSmoothing, groups: 1)),
      attentionNorm: ByteNorm(weights.attentionNorm, epsilon: shape.epsilon, next: mixedSmoothing, kernels),
      intermediate: linear(
        weights.spreadIntermediate(shape).reordered(outputs: order), QuantizedInput(mixed, mixedSmoothing, groups: 1)),
      output: linear(weights.spreadOutput(shape).reordered(inputs: order), wideInput))
    return (parts, stateSmoothing)
  }

  private func linear(_ weights: LinearWeights, _ input: QuantizedInput) -> ByteLinear {
    ByteLinear(weights, input, threads: threads, kernels)
  }

  private func sample(_ rows: Rows, width: Int) -> ActivationSample {
    var sample = ActivationSample(width: width)
    sample.append(rows, count: block.rows)
    return sample
  }
}

extension BERTLayerWeights {
  /// With values that come out shifted and scaled as `smoothing` says of the context, which they do because attention's
  /// weights add up to one.
  fileprivate func smoothingContext(_ smoothing: InputSmoothing, _ shape: EncoderShape) -> BERTLayerWeights {
    var result = self
    for row in 0..<value.outputs {
      let column = row / shape.headWidth * shape.paddedHeadWidth + row % shape.headWidth
      let scale = smoothing.scale[column]
      result.value.bias[row] = (value.bias[row] - smoothing.shift[column]) / scale
      for place in row * value.inputs..<(row + 1) * value.inputs {
        result.value.weight[place] = value.weight[place] / scale
      }
    }
    return result
  }
}

extension LinearWeights {
  /// Output j of the result was `order[j]`.
  fileprivate func reordered(outputs order: [Int]) -> LinearWeights {
    LinearWeights(
      outputs: outputs, inputs: inputs, weight: order.flatMap { weight[$0 * inputs..<($0 + 1) * inputs] },
      bias: order.map { bias[$0] })
  }

  /// Input j of the result was `order[j]`.
  fileprivate func reordered(inputs order: [Int]) -> LinearWeights {
    var result = self
    for row in stride(from: 0, to: weight.count, by: inputs) {
      for column in 0..<inputs { result.weight[row + column] = weight[row + order[column]] }
    }
    return result
  }
}
