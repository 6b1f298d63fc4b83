internal import Kernels

/// The tables of words and positions that the first layer's input is made of.
struct TokenEmbeddings: Sendable {
  private let shape: EncoderShape
  private let kernels: EncoderKernels
  /// `vocabulary × padded width`.
  private let words: AlignedMemory
  /// `positions × padded width`, the first token type's row added.
  private let positions: AlignedMemory

  init(_ weights: BERTEmbeddingWeights, _ shape: EncoderShape, _ kernels: EncoderKernels) {
    self.shape = shape
    self.kernels = kernels
    words = Self.padded(weights.words, shape, adding: nil)
    positions = Self.padded(weights.positions, shape, adding: weights.tokenTypes)
  }

  /// The sums of both, not yet normalised, into the workspace's hidden states.
  func fill(_ workspace: EncoderWorkspace, _ block: TextBlock, ids: UnsafePointer<Int32>) {
    for text in 0..<block.texts.count {
      let start = block.starts[text]
      kernels.embedTokens(
        words.floats, ids + start, positions.floats, shape.paddedHidden, block.starts[text + 1] - start,
        workspace.hidden.from(start).floats, workspace.hidden.stride)
    }
  }

  private static func padded(_ table: [Float], _ shape: EncoderShape, adding addend: [Float]?) -> AlignedMemory {
    let width = shape.hidden
    let rows = table.count / width
    let memory = AlignedMemory(bytes: rows * shape.paddedHidden * 4)
    let floats = memory.floats
    table.withUnsafeBufferPointer { table in
      for row in 0..<rows {
        for column in 0..<width {
          floats[row * shape.paddedHidden + column] = table[row * width + column] + (addend?[column] ?? 0)
        }
      }
    }
    return memory
  }
}
