internal import Kernels
internal import ModelFiles
internal import Synchronization

/// Runs a BERT model over tokens: embeddings, layers, pooling. Weights are packed once; texts run back to back, without
/// padding, a block of them on each thread.
final class BERTEncoder: Sendable {
  let configuration: BERTConfiguration
  private let shape: EncoderShape
  private let kernels: EncoderKernels
  private let elementBytes: Int
  /// `vocabulary × padded width`.
  private let words: AlignedMemory
  /// `positions × padded width`, the first token type's row added.
  private let positions: AlignedMemory
  private let norm: PackedNorm
  private let layers: [any EncoderLayer]
  private let pooling: TokenPooling
  /// Those not in use, so that a small batch does not pay for fresh pages.
  private let workspaces = Mutex<[WorkspaceBox]>([])

  /// - Throws: `ModelFileError` with the tensor at fault.
  init(_ weights: BERTWeights, pooling: TokenPooling, precision: BERTPrecision, kernels: EncoderKernels) throws {
    configuration = weights.configuration
    self.pooling = pooling
    self.kernels = kernels
    let shape = EncoderShape(weights.configuration)
    self.shape = shape
    let arithmetic: FloatingArithmetic =
      switch precision {
      case .f32: .f32(kernels)
      case .bf16: .bf16(kernels)
      }
    elementBytes = arithmetic.elementBytes
    let embeddings = try weights.embeddings()
    words = Self.padded(embeddings.words, shape, adding: nil)
    positions = Self.padded(embeddings.positions, shape, adding: embeddings.tokenTypes)
    norm = PackedNorm(embeddings.norm, epsilon: shape.epsilon, arithmetic.layerNorm)
    layers = try (0..<weights.configuration.layers).map {
      FloatingLayer(try weights.layer($0), shape, arithmetic)
    }
  }

  /// One embedding for each text, `hiddenSize` floats, written to `output` in their order.
  ///
  /// - Parameters:
  ///   - ids: within the vocabulary.
  ///   - offsets: text i is `ids[offsets[i]..<offsets[i + 1]]`, of at least one token and no more than there are positions.
  ///   - output: room for `texts × hiddenSize` floats.
  func encode(_ ids: [Int32], offsets: [Int], threads: Int, into output: UnsafeMutablePointer<Float>) {
    guard offsets.count > 1 else { return }
    let blocks = TextBlocks.cut(offsets: offsets, threads: threads)
    // Each block writes the rows of its own texts.
    nonisolated(unsafe) let output = output
    ids.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // Read by all threads, written by none.
      nonisolated(unsafe) let ids = base
      Parallel.forEach(count: blocks.count, threads: threads) { _, range in
        for block in range {
          let block = blocks[block]
          let workspace = take(for: block)
          run(block, ids: ids + offsets[block.texts.lowerBound], workspace, output)
          workspaces.withLock { $0.append(workspace) }
        }
      }
    }
  }

  private func run(
    _ block: TextBlock, ids: UnsafePointer<Int32>, _ box: WorkspaceBox, _ output: UnsafeMutablePointer<Float>
  ) {
    let workspace = box.workspace
    for text in 0..<block.texts.count {
      let start = block.starts[text]
      kernels.embedTokens(
        words.floats, ids + start, positions.floats, shape.paddedHidden, block.starts[text + 1] - start,
        workspace.hidden.from(start).floats, workspace.hidden.stride)
    }
    norm(workspace.hidden, count: block.rows, copy: workspace.rounded)
    for layer in layers { layer.apply(to: block, in: workspace) }
    for (place, text) in block.texts.enumerated() {
      let start = block.starts[place]
      pooling.pool(
        workspace.hidden.from(start), count: block.starts[place + 1] - start, width: shape.hidden, kernels,
        into: output + text * shape.hidden)
    }
  }

  private func take(for block: TextBlock) -> WorkspaceBox {
    let longest = zip(block.starts, block.starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    if let box = workspaces.withLock({ $0.popLast() }), box.workspace.rows >= block.rows,
      box.workspace.longest >= longest
    {
      return box
    }
    return WorkspaceBox(
      workspace: EncoderWorkspace(
        shape, elementBytes: elementBytes, rows: Self.roomy(block.rows), longest: Self.roomy(longest)))
  }

  /// A power of two, so that blocks of slightly different sizes share workspaces.
  private static func roomy(_ count: Int) -> Int { max(64, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)) }

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

/// `@unchecked Sendable`: a workspace is out of the list while a thread uses it, and in the list no one does.
private struct WorkspaceBox: @unchecked Sendable {
  let workspace: EncoderWorkspace
}
