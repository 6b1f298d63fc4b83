internal import Kernels
internal import ModelFiles

extension BERTEncoder {
  /// The encoder of a precision, and which it is: `fast` becomes the fastest that this CPU has instructions for and that keeps
  /// the accuracy on sample texts other than those it was calibrated with.
  ///
  /// - Throws: `ModelFileError` with the tensor at fault.
  static func make(
    _ weights: BERTWeights, pooling: TokenPooling, precision: BERTPrecision, frame: [Int32], threads: Int,
    kernels: EncoderKernels
  ) throws -> (encoder: BERTEncoder, precision: BERTPrecision) {
    func encoder(_ precision: BERTPrecision) throws -> BERTEncoder {
      try BERTEncoder(
        weights, pooling: pooling, precision: precision, frame: frame, threads: threads, kernels: kernels)
    }
    guard precision == .fast else { return (try encoder(precision), precision) }
    if kernels.multipliesBytesFast {
      let bytes = try encoder(.int8)
      let agreement = try bytes.agreement(with: try encoder(.f32), frame: frame, threads: threads)
      if agreement.meanCosine >= 0.999, agreement.minimumCosine >= 0.995 { return (bytes, .int8) }
    }
    let rest: BERTPrecision = kernels.multipliesBF16Fast ? .bf16 : .f32
    return (try encoder(rest), rest)
  }

  private func agreement(
    with reference: BERTEncoder, frame: [Int32], threads: Int
  ) throws -> EmbeddingAgreement {
    let texts = CalibrationTexts(
      tokens: 1_024, vocabulary: configuration.vocabularySize, longest: configuration.maximumPositions, frame: frame,
      seed: 2)
    return try EmbeddingAgreement(embed(texts, threads), reference: reference.embed(texts, threads))
  }

  private func embed(_ texts: CalibrationTexts, _ threads: Int) -> EmbeddingBatch {
    let count = texts.offsets.count - 1
    var values = [Float](repeating: 0, count: count * configuration.hiddenSize)
    values.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { encode(texts.ids, offsets: texts.offsets, threads: threads, into: base) }
    }
    return EmbeddingBatch(
      dimension: configuration.hiddenSize, values: values, tokens: [],
      truncatedTokens: Array(repeating: 0, count: count))
  }
}
