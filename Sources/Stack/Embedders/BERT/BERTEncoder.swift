internal import Kernels
internal import ModelFiles
internal import Synchronization

/// Runs a BERT model over tokens: embeddings, layers, pooling. Weights are packed once; texts run back to back, without
/// padding, a block of them on each thread.
final class BERTEncoder: Sendable {
  let configuration: BERTConfiguration
  private let shape: EncoderShape
  private let kernels: EncoderKernels
  private let format: ActivationFormat
  private let embeddings: TokenEmbeddings
  /// Normalises the first rows of the embeddings for the first layer.
  private let norm: @Sendable (_ count: Int, EncoderWorkspace) -> Void
  private let layers: [any EncoderLayer]
  private let pooling: TokenPooling
  /// Those not in use, so that a small batch does not pay for fresh pages.
  private let workspaces = Mutex<[WorkspaceBox]>([])

  /// - Parameters:
  ///   - precision: not `fast`.
  ///   - frame: ids of the empty text.
  /// - Throws: `ModelFileError` with the tensor at fault.
  init(
    _ weights: BERTWeights, pooling: TokenPooling, precision: BERTPrecision, frame: [Int32], threads: Int,
    kernels: EncoderKernels
  ) throws {
    configuration = weights.configuration
    self.pooling = pooling
    self.kernels = kernels
    let shape = EncoderShape(weights.configuration)
    self.shape = shape
    let first = try weights.embeddings()
    let embeddings = TokenEmbeddings(first, shape, kernels)
    self.embeddings = embeddings
    switch precision {
    case .f32, .bf16:
      format = precision == .f32 ? .f32 : .bf16
      let arithmetic = precision == .f32 ? FloatingArithmetic.f32(kernels) : .bf16(kernels)
      let norm = PackedNorm(first.norm, epsilon: shape.epsilon, arithmetic.layerNorm)
      self.norm = { norm($1.hidden, count: $0, copy: $1.rounded) }
      layers = try (0..<weights.configuration.layers).map { FloatingLayer(try weights.layer($0), shape, arithmetic) }
    case .int8, .fast:
      format = .bytes
      let texts = CalibrationTexts(
        tokens: 2_048, vocabulary: weights.configuration.vocabularySize,
        longest: weights.configuration.maximumPositions, frame: frame, seed: 1)
      let (norm, layers) = try ByteQuantizer.layers(
        weights, embeddings: embeddings, norm: first.norm, shape: shape, texts: texts, threads: threads, kernels)
      self.norm = { count, workspace in
        if let bytes = workspace.bytes { norm(workspace.hidden, count: count, bytes: bytes.input) }
      }
      self.layers = layers
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
    embeddings.fill(workspace, block, ids: ids)
    norm(block.rows, workspace)
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
        shape, format, rows: Self.roomy(block.rows), longest: Self.roomy(longest)))
  }

  /// A power of two, so that blocks of slightly different sizes share workspaces.
  private static func roomy(_ count: Int) -> Int { max(64, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)) }
}

/// `@unchecked Sendable`: a workspace is out of the list while a thread uses it, and in the list no one does.
private struct WorkspaceBox: @unchecked Sendable {
  let workspace: EncoderWorkspace
}
