internal import Kernels
public import ModelFiles

/// The plain way through a Llama-family decoder: weights, activations, keys and values in float32, one loop for each line of
/// the formulas. What faster executors are held against.
///
/// Memory: 4 bytes a parameter, and `bytesPerBlock` for each block that is written to.
public final class ReferenceExecutor: ModelExecutor {
  struct Layer {
    let attentionNorm: [Float]
    let query, key, value, attentionOutput: FloatMatrix
    let feedForwardNorm: [Float]
    let gate, up, down: FloatMatrix
  }

  let configuration: LlamaConfiguration
  let threads: Int
  let embedding: WeightMatrix
  let layers: [Layer]
  let outputNorm: [Float]
  let output: FloatMatrix
  let frequencies: [Float]
  let cache: FloatCache
  var activations = Activations()

  /// - Parameters:
  ///   - blockCount: blocks of the cache, of `blockSize` tokens each.
  /// - Throws: `ModelFileError` if a tensor cannot be read, `GenerationError` if there is no memory for the cache.
  public init(model: any LlamaModel, blockCount: Int, blockSize: Int, threads: Int = 1) throws {
    let kernels = EncoderKernels.active
    let configuration = model.configuration
    func matrix(_ tensor: LlamaTensor, bias: LlamaTensor? = nil) throws -> FloatMatrix {
      let values = configuration.hasAttentionBias ? try bias.map(model.vector) : nil
      return try FloatMatrix(model.matrix(tensor), bias: values ?? [], kernels)
    }
    self.configuration = configuration
    self.threads = max(1, threads)
    embedding = try model.matrix(.embedding)
    layers = try (0..<configuration.layers).map { index in
      Layer(
        attentionNorm: try model.vector(.layer(index, .attentionNorm)),
        query: try matrix(.layer(index, .query), bias: .layer(index, .queryBias)),
        key: try matrix(.layer(index, .key), bias: .layer(index, .keyBias)),
        value: try matrix(.layer(index, .value), bias: .layer(index, .valueBias)),
        attentionOutput: try matrix(.layer(index, .attentionOutput)),
        feedForwardNorm: try model.vector(.layer(index, .feedForwardNorm)),
        gate: try matrix(.layer(index, .gate)), up: try matrix(.layer(index, .up)),
        down: try matrix(.layer(index, .down)))
    }
    outputNorm = try model.vector(.outputNorm)
    output = try matrix(.output)
    frequencies = configuration.inverseFrequencies
    cache = try FloatCache(configuration, blockCount: blockCount, blockSize: blockSize)
  }

  /// Bytes of one block's keys and values in all layers.
  public static func bytesPerBlock(_ configuration: LlamaConfiguration, blockSize: Int) -> Int {
    2 * 4 * configuration.layers * blockSize * configuration.keyValueHeads * configuration.headDimension
  }

  public func execute(_ step: ScheduledStep) throws -> ExecutedStep {
    try check(step)
    for copy in step.copies { cache.copy(from: Int(copy.from), to: Int(copy.to)) }
    activations.reserve(step.tokens.count, configuration)
    try embed(step.tokens)
    turnAngles(step)
    for index in layers.indices { forward(step, layer: index) }
    return ExecutedStep(logits: logits(step))
  }
}
