internal import Glibc
internal import Kernels
public import ModelFiles

/// Computes the steps of a Llama-family decoder on the CPU: quantised weights as they are in their file, activations in bytes
/// by blocks of 32, keys and values in bf16 in blocks that tables point to.
///
/// What a sequence comes to does not depend on what else is in a step, on where its prompt is cut, or on which blocks it
/// shares: every row is computed in the same order.
public final class LlamaExecutor: ModelExecutor {
  public let configuration: LlamaConfiguration
  public let blockCount: Int
  public let blockSize: Int

  /// Rows that go through the layers together: a longer step goes in several passes, whose rows then take less memory than
  /// the caches have.
  static let passRows = 512

  let weights: PackedLlama
  let cache: PagedKVCache
  let activations: PassRows
  let team: ThreadTeam
  let frequencies: [Float]
  let linear = DecoderKernels.active
  let paged = PagedKernels.active
  var plan: AttentionPlan
  var runs: [AttentionPlan.Rows] = []
  var stores: [Int] = []
  var states = AlignedMemory(bytes: 0)
  var logits = AlignedMemory(bytes: 0)
  var outputRows: [OutputRow] = []

  /// A row of a pass whose logits are wanted.
  struct OutputRow {
    var row: Int
    var logits: Int
  }

  /// - Parameters:
  ///   - blockCount: KV blocks: the budget, of which only what is used takes memory.
  ///   - blockSize: tokens of a block: 8, or a multiple of 16.
  ///   - threads: that compute, the caller's among them.
  ///   - maxBatchedTokens: of one step.
  /// - Throws: `ModelFileError` for weights that are missing or misshapen, `GenerationError` for a shape, a type or a size that
  ///   cannot be computed.
  public init(
    model: any LlamaModel, blockCount: Int, blockSize: Int = 16, threads: Int, maxBatchedTokens: Int = 2048
  ) throws {
    configuration = model.configuration
    self.blockCount = blockCount
    self.blockSize = blockSize
    try Self.check(configuration)
    let layout = try Self.layout(configuration, blockSize: blockSize)
    guard blockCount > 0 else { throw GenerationError("a KV cache needs at least one block") }
    guard threads > 0, maxBatchedTokens > 0 else {
      throw GenerationError("an executor needs at least one thread and one token a step")
    }
    cache = try PagedKVCache(blockCount: blockCount, layout: layout)
    guard let team = ThreadTeam(threads: threads) else {
      throw GenerationError("the system gives no \(threads) threads; ask for fewer")
    }
    self.team = team
    weights = try PackedLlama(model)
    activations = PassRows(
      configuration, weights, capacity: min(maxBatchedTokens, Self.passRows), threads: threads,
      ownRows: ForwardPass.ownRows)
    frequencies = configuration.inverseFrequencies
    plan = AttentionPlan(
      group: configuration.heads / configuration.keyValueHeads, heads: configuration.keyValueHeads, threads: threads,
      blockSize: blockSize)
  }

  /// Bytes of keys and values that a block takes.
  ///
  /// - Throws: `GenerationError` if there are no such blocks: their tokens are 8 or a multiple of 16.
  public static func bytesPerBlock(_ configuration: LlamaConfiguration, blockSize: Int) throws -> Int {
    try layout(configuration, blockSize: blockSize).blockBytes
  }

  private static func layout(
    _ configuration: LlamaConfiguration, blockSize: Int
  ) throws(GenerationError) -> PagedKVCache.Layout {
    guard blockSize == 8 || blockSize > 0 && blockSize % 16 == 0 else {
      throw GenerationError("KV blocks hold 8 tokens or a multiple of 16, not \(blockSize); choose another block size")
    }
    return PagedKVCache.Layout(
      blockSize: blockSize, layers: configuration.layers, heads: configuration.keyValueHeads,
      headWidth: configuration.headDimension)
  }

  private static func check(_ configuration: LlamaConfiguration) throws(GenerationError) {
    let width = configuration.headDimension
    guard width % 16 == 0, 16...PagedKernels.widestHead ~= width else {
      throw GenerationError(
        "heads of \(width) dimensions are not computed here; their number is a multiple of 16, \(PagedKernels.widestHead) at most"
      )
    }
    for (size, name) in [
      (configuration.hiddenSize, "hidden"), (configuration.heads * width, "attention's"),
      (configuration.intermediateSize, "feed-forward"),
    ] where size % InputBlock.inputs != 0 {
      throw GenerationError("a \(name) size of \(size) is not computed here; it is a multiple of \(InputBlock.inputs)")
    }
  }

  public func execute(_ step: ScheduledStep) throws -> ExecutedStep {
    try check(step)
    for copy in step.copies { cache.copy(from: copy.from, to: copy.to) }
    let wanted = step.runs.reduce(0) { $0 + ($1.samples.isEmpty ? 0 : 1) }
    let stride = logitStride
    if logits.count < 4 * wanted * stride { logits = AlignedMemory(bytes: 4 * wanted * stride) }
    var filled = 0
    runs.removeAll(keepingCapacity: true)
    outputRows.removeAll(keepingCapacity: true)
    var sampled = 0
    for run in step.runs {
      var done = 0
      while done < run.tokens.count {
        if filled == activations.capacity { try pass(step, rows: &filled) }
        let count = min(run.tokens.count - done, activations.capacity - filled)
        add(run, from: done, count: count, at: filled, step)
        filled += count
        done += count
      }
      if !run.samples.isEmpty {
        outputRows.append(OutputRow(row: filled - 1, logits: sampled))
        sampled += 1
      }
    }
    if filled > 0 { try pass(step, rows: &filled) }
    return ExecutedStep(
      logits: LogitRows(
        values: UnsafeMutableBufferPointer(start: logits.floats, count: wanted * stride), rows: wanted, stride: stride,
        vocabularySize: configuration.vocabularySize))
  }

  /// Floats from row to row of logits: whole cache lines, and an odd number of them, so that columns of neighbouring rows
  /// fall into different sets of the cache.
  var logitStride: Int { (configuration.vocabularySize + 15) / 16 / 2 * 32 + 16 }
}
