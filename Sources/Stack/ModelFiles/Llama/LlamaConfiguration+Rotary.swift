internal import Glibc

extension LlamaConfiguration {
  /// Radians by which each pair of dimensions turns from one position to the next: `headDimension / 2` of them, in float32
  /// as Hugging Face has them, Llama 3.1's scaling and the factors of the file applied.
  public var inverseFrequencies: [Float] {
    (0..<headDimension / 2).map { pair in
      let plain = Float(1 / pow(rotary.base, Double(2 * pair) / Double(headDimension)))
      let scaled = rotary.scaling?.scaled(plain) ?? plain
      return rotary.frequencyFactors.map { scaled / $0[pair] } ?? scaled
    }
  }
}

extension LlamaConfiguration.Rotary.Scaling {
  /// Short waves stay, those longer than `originalPositions / lowFrequencyFactor` are stretched by `factor`, and between
  /// them there is a smooth passage (`rope_type: llama3` of Hugging Face).
  func scaled(_ frequency: Float) -> Float {
    let turns = Float(originalPositions) * frequency / (2 * .pi)
    if turns > highFrequencyFactor { return frequency }
    if turns < lowFrequencyFactor { return frequency / factor }
    let share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return (1 - share) * frequency / factor + share * frequency
  }
}
