internal import Kernels
internal import ModelFiles

/// Rows of a step's tokens between the layers, each filled up with zeros to a multiple of 32.
struct Activations {
  private(set) var residual = AlignedMemory(bytes: 0)
  private(set) var normed = AlignedMemory(bytes: 0)
  private(set) var query = AlignedMemory(bytes: 0)
  private(set) var key = AlignedMemory(bytes: 0)
  private(set) var value = AlignedMemory(bytes: 0)
  private(set) var attended = AlignedMemory(bytes: 0)
  private(set) var gate = AlignedMemory(bytes: 0)
  private(set) var up = AlignedMemory(bytes: 0)
  /// Cosines and sines of each token: `headDimension / 2` pairs.
  private(set) var turns = AlignedMemory(bytes: 0)
  private(set) var logits = AlignedMemory(bytes: 0)
  private var tokens = 0

  /// Makes room for a step; what was there is lost.
  mutating func reserve(_ count: Int, _ configuration: LlamaConfiguration) {
    guard count > tokens else { return }
    func rows(_ width: Int) -> AlignedMemory { AlignedMemory(bytes: count * EncoderKernels.padded(width) * 4) }
    residual = rows(configuration.hiddenSize)
    normed = rows(configuration.hiddenSize)
    query = rows(configuration.heads * configuration.headDimension)
    key = rows(configuration.keyValueHeads * configuration.headDimension)
    value = rows(configuration.keyValueHeads * configuration.headDimension)
    attended = rows(configuration.heads * configuration.headDimension)
    gate = rows(configuration.intermediateSize)
    up = rows(configuration.intermediateSize)
    turns = rows(configuration.headDimension)
    tokens = count
  }

  mutating func reserveLogits(_ rows: Int, _ configuration: LlamaConfiguration) {
    let bytes = rows * EncoderKernels.padded(configuration.vocabularySize) * 4
    if bytes > logits.count { logits = AlignedMemory(bytes: bytes) }
  }
}
