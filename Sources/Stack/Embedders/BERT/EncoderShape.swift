internal import Kernels
internal import ModelFiles

/// Sizes of an encoder as it lies in memory: every width is a multiple of 32, every head on a panel's boundary. Columns that
/// the model does not have are zero throughout.
struct EncoderShape: Sendable {
  let hidden: Int
  let heads: Int
  let headWidth: Int
  let paddedHidden: Int
  let paddedHeadWidth: Int
  let paddedIntermediate: Int
  let epsilon: Float

  init(_ configuration: BERTConfiguration) {
    hidden = configuration.hiddenSize
    heads = configuration.heads
    headWidth = configuration.hiddenSize / configuration.heads
    paddedHidden = EncoderKernels.padded(hidden)
    paddedHeadWidth = EncoderKernels.padded(headWidth)
    paddedIntermediate = EncoderKernels.padded(configuration.intermediateSize)
    epsilon = configuration.layerNormEpsilon
  }

  /// All heads side by side.
  var paddedHeads: Int { heads * paddedHeadWidth }

  /// Bytes from row to row of activations: an odd number of cache lines, so that the rows of a tile do not share their sets.
  static func stride(_ width: Int, elementBytes: Int) -> Int { (width * elementBytes + 63) / 64 / 2 * 128 + 64 }
}
