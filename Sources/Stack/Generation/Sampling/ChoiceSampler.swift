internal import Kernels

/// Chooses the tokens of one output, one after the other.
///
/// As vLLM does, it bars stop tokens until `minTokens`, adds biases, applies penalties (repetition to the tokens of prompt
/// and output, presence and frequency to those of the output), divides by the temperature, and keeps of the distribution
/// what `minP`, then `topK`, then `topP` leave, each by the probabilities that the one before it left. Where tokens are
/// equally probable the lower id comes first. The token is drawn by inverting the distribution in the order of ids, with
/// one number of the output's own generator, so that only its seed and the logits decide.
///
/// `@unchecked Sendable`: the engine changes it between steps, and within a step only reads it.
package final class ChoiceSampler: @unchecked Sendable {
  let parameters: SamplingParameters
  /// Tokens that may not come before `minTokens`.
  private let stopTokens: [Int32]
  private let bias: [(token: Int32, logit: Float)]
  private var history: TokenHistory?
  private var generator: SplitMix64
  private var generated = 0

  /// - Parameters:
  ///   - parameters: checked.
  ///   - stopTokens: all that can end the output.
  package init(parameters: SamplingParameters, prompt: [Int32], stopTokens: some Sequence<Int32>, seed: UInt64) {
    self.parameters = parameters
    self.stopTokens = parameters.minTokens > 0 ? Array(stopTokens) : []
    bias = parameters.logitBias.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if parameters.repetitionPenalty != 1 {
      history = TokenHistory(prompt: prompt)
    } else if parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0 {
      history = TokenHistory(prompt: [])
    }
    generator = SplitMix64(seed: seed)
  }

  /// Goes on to the next token of the output.
  package func accept(_ token: Int32) {
    history?.append(token)
    _ = generator.next()
    generated += 1
  }

  /// The token that follows. Until it is accepted, the same row gives the same token again.
  ///
  /// - Parameter row: changed meanwhile, and then as it was.
  /// - Throws: `GenerationError` if the row holds no number.
  func choose(
    from row: UnsafeMutableBufferPointer<Float>, _ kernels: SamplingKernels, _ workspace: SamplerWorkspace
  ) throws(GenerationError) -> SampledToken {
    let raw = UnsafeBufferPointer(row)
    var top = kernels.highest(raw, maxima: workspace.maxima)
    guard top.value.isFinite else {
      throw GenerationError("the model answered with logits that are no numbers; its weights may be damaged")
    }
    let softmax =
      parameters.needsLogprobs
      ? LogSoftmax(of: raw, highest: top.value, naming: parameters.logprobs ?? 0, kernels, workspace) : nil
    edit(row, workspace)
    if !workspace.edits.isEmpty { top = kernels.highest(raw, maxima: workspace.maxima) }
    var token = Int32(top.place)
    if !parameters.isGreedy, top.value.isFinite {
      var generator = generator
      let uniform = Double(generator.next() >> 11) * 0x1p-53
      let draw = TokenDraw(
        parameters: parameters, row: raw, highest: top.value, kernels: kernels, workspace: workspace)
      token = draw.token(at: uniform)
    }
    workspace.restore(row)
    return SampledToken(token: token, logprob: softmax?.logprob(of: token, logit: row[Int(token)]))
  }

  private func edit(_ row: UnsafeMutableBufferPointer<Float>, _ workspace: SamplerWorkspace) {
    if generated < parameters.minTokens {
      for token in stopTokens { workspace.edit(row, token) { _ in -.infinity } }
    }
    for (token, logit) in bias { workspace.edit(row, token) { $0 + logit } }
    guard let history else { return }
    let (repetition, presence) = (parameters.repetitionPenalty, parameters.presencePenalty)
    let frequency = parameters.frequencyPenalty
    for (token, generated) in history.entries {
      workspace.edit(row, token) { logit in
        var logit = logit > 0 ? logit / repetition : logit * repetition
        if generated > 0 { logit -= frequency * Float(generated) + presence }
        return logit
      }
    }
  }
}
