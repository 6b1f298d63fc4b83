internal import Glibc
internal import Kernels
internal import ModelFiles

extension ReferenceExecutor {
  private var hidden: Int { EncoderKernels.padded(configuration.hiddenSize) }

  func embed(_ tokens: [Int32]) throws {
    for (row, token) in tokens.enumerated() {
      let output = UnsafeMutableBufferPointer(
        start: activations.residual.floats + row * hidden, count: configuration.hiddenSize)
      try embedding.dequantize(rows: Int(token)..<Int(token) + 1, into: output)
    }
  }

  /// Cosine and sine of every pair's angle at each token's position.
  func turnAngles(_ step: ScheduledStep) {
    let width = EncoderKernels.padded(configuration.headDimension)
    for run in step.runs {
      for (offset, row) in run.tokens.enumerated() {
        let turns = activations.turns.floats + row * width
        for (pair, frequency) in frequencies.enumerated() {
          let angle = Float(run.start + offset) * frequency
          turns[2 * pair] = cosf(angle)
          turns[2 * pair + 1] = sinf(angle)
        }
      }
    }
  }

  func forward(_ step: ScheduledStep, layer index: Int) {
    let layer = layers[index]
    let count = step.tokens.count
    let (residual, normed) = (activations.residual.floats, activations.normed.floats)
    norm(residual, rows: 0..<count, by: layer.attentionNorm, into: normed)
    layer.query(normed, count: count, into: activations.query.floats, threads: threads)
    layer.key(normed, count: count, into: activations.key.floats, threads: threads)
    layer.value(normed, count: count, into: activations.value.floats, threads: threads)
    for row in 0..<count {
      let turns = UnsafePointer(activations.turns.floats + row * EncoderKernels.padded(configuration.headDimension))
      rotate(activations.query.floats + row * layer.query.outputs, heads: configuration.heads, by: turns)
      rotate(activations.key.floats + row * layer.key.outputs, heads: configuration.keyValueHeads, by: turns)
    }
    store(step, layer: index)
    attend(step, layer: index)
    layer.attentionOutput(activations.attended.floats, count: count, adding: true, into: residual, threads: threads)
    norm(residual, rows: 0..<count, by: layer.feedForwardNorm, into: normed)
    layer.gate(normed, count: count, into: activations.gate.floats, threads: threads)
    layer.up(normed, count: count, into: activations.up.floats, threads: threads)
    for index in 0..<count * layer.gate.outputs {
      let gate = activations.gate.floats[index]
      activations.gate.floats[index] = gate / (1 + expf(-gate)) * activations.up.floats[index]
    }
    layer.down(activations.gate.floats, count: count, adding: true, into: residual, threads: threads)
  }

  /// Logits after the last token of each run that has samples.
  func logits(_ step: ScheduledStep) -> LogitRows? {
    let last = step.runs.filter { !$0.samples.isEmpty }.map { $0.tokens.upperBound - 1 }
    guard !last.isEmpty else { return nil }
    activations.reserveLogits(last.count, configuration)
    for (row, token) in last.enumerated() {
      norm(
        activations.residual.floats, rows: token..<token + 1, by: outputNorm,
        into: activations.normed.floats + row * hidden)
    }
    output(activations.normed.floats, count: last.count, into: activations.logits.floats, threads: threads)
    return LogitRows(
      values: UnsafeMutableBufferPointer(start: activations.logits.floats, count: last.count * output.outputs),
      rows: last.count, stride: output.outputs, vocabularySize: configuration.vocabularySize)
  }

  /// Root mean square normalisation (Zhang and Sennrich 2019) of some rows, which go one behind the other.
  private func norm(
    _ input: UnsafePointer<Float>, rows: Range<Int>, by weight: [Float], into output: UnsafeMutablePointer<Float>
  ) {
    for (place, row) in rows.enumerated() {
      let (input, output) = (input + row * hidden, output + place * hidden)
      var sum: Float = 0
      for index in weight.indices { sum += input[index] * input[index] }
      let scale = 1 / (sum / Float(weight.count) + configuration.normEpsilon).squareRoot()
      for index in weight.indices { output[index] = input[index] * scale * weight[index] }
    }
  }

  private func rotate(_ row: UnsafeMutablePointer<Float>, heads: Int, by turns: UnsafePointer<Float>) {
    let half = configuration.headDimension / 2
    for head in 0..<heads {
      let start = row + head * configuration.headDimension
      for pair in 0..<half {
        let (first, second) =
          switch configuration.rotary.pairs {
          case .interleaved: (2 * pair, 2 * pair + 1)
          case .halves: (pair, pair + half)
          }
        let (x, y) = (start[first], start[second])
        start[first] = x * turns[2 * pair] - y * turns[2 * pair + 1]
        start[second] = x * turns[2 * pair + 1] + y * turns[2 * pair]
      }
    }
  }
}
