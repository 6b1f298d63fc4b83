/// What steps cost on a device, from first principles: for each part of the model the longer of its bytes over the
/// bandwidth and its operations over the peak (the roofline of Williams, Waterman and Patterson 2009), one part after the
/// other.
public struct StepCost: Sendable {
  /// Who reads the blocks that the outputs of a request share.
  public enum SharedReads: String, Sendable, Hashable, CaseIterable {
    /// Every sequence for itself, as the kernels of vLLM do (2023 and since; cascade attention apart).
    case perSequence = "sequence"
    /// The request once for all its outputs, as the in-tree executor does.
    case perRequest = "request"
  }

  /// Where the seconds of a step go.
  public struct Parts: Sendable, Equatable {
    public var linear = 0.0
    public var output = 0.0
    public var attention = 0.0
    public var copies = 0.0
    public var communication = 0.0
    /// Waiting for launches and for the host.
    public var overhead = 0.0

    public var total: Double { linear + output + attention + copies + communication + overhead }
  }

  let sharedReads: SharedReads
  let blockSize: Int
  private let device: SimulatedDevice
  private let linearSeconds: Double
  private let linearSecondsPerToken: Double
  private let outputSeconds: Double
  private let outputSecondsPerSample: Double
  /// Of reading or writing one token's keys and values.
  private let cacheSeconds: Double
  /// Of one token's attention to another.
  private let attentionSeconds: Double
  private let communicationSeconds: Double
  private let communicationSecondsPerToken: Double
  private let launchSeconds: Double

  /// Query rows of a prompt that go over the keys and values together (FlashAttention's tile).
  private static let queryTile = 128
  /// Kernels of a layer: two norms, QKV, rotation with the write to the cache, attention, its output, gate and up, their
  /// product, down; and of a step besides.
  private static let kernelsPerLayer = 9
  private static let kernelsPerStep = 6

  public init(
    model: SimulatedModel, device: SimulatedDevice, tensorParallel: Int = 1, blockSize: Int, sharedReads: SharedReads
  ) {
    let share = 1 / Double(tensorParallel)
    let layers = Double(model.layers)
    self.device = device
    self.sharedReads = sharedReads
    self.blockSize = blockSize
    linearSeconds = layers * model.layerWeights * model.weightBytes * share / device.bandwidth
    linearSecondsPerToken = 2 * layers * model.layerWeights * share / device.operations
    outputSeconds = model.outputWeights * model.outputBytes * share / device.bandwidth
    outputSecondsPerSample = 2 * model.outputWeights * share / device.operations
    cacheSeconds = model.cacheBytesPerToken * share / device.bandwidth
    attentionSeconds = 4 * Double(model.heads * model.headDimension) * layers * share / device.operations
    launchSeconds = Double(model.layers * Self.kernelsPerLayer + Self.kernelsPerStep) * device.launch
    // Two all-reduces a layer, in a ring: every byte goes out 2 (N − 1) / N times.
    let reduces = tensorParallel > 1 ? 2 * layers : 0
    communicationSeconds = reduces * device.linkLatency
    communicationSecondsPerToken =
      reduces * Double(model.hiddenSize) * 2 * 2 * (1 - share) / device.linkBandwidth
  }

  /// - Complexity: O(runs), and O(blocks of the tables) where shared blocks are read once.
  public func parts(of step: ScheduledStep) -> Parts {
    var read = 0
    var prompts = 0.0
    for index in step.runs.indices {
      let start = step.runs[index].start
      let count = step.runs[index].tokens.count
      if count == 1 {
        read += start + 1
        if sharedReads == .perRequest { read -= readBefore(index, step) }
      } else {
        let pairs = Double(count) * (Double(start) + 0.5 * Double(count + 1))
        let tiles = (count + Self.queryTile - 1) / Self.queryTile
        prompts += max(pairs * attentionSeconds, Double((start + count) * tiles) * cacheSeconds)
      }
    }
    let tokens = Double(step.tokens.count)
    var parts = Parts()
    parts.linear = max(linearSeconds, tokens * linearSecondsPerToken)
    if !step.samples.isEmpty {
      parts.output = max(outputSeconds, Double(step.samples.count) * outputSecondsPerSample)
    }
    // One token a sequence: grouped heads aside, an operation a byte, far below what any device needs to be kept busy.
    parts.attention = prompts + (Double(read) + tokens) * cacheSeconds
    parts.copies = Double(2 * step.copies.count * blockSize) * cacheSeconds
    parts.communication = communicationSeconds + tokens * communicationSecondsPerToken
    parts.overhead = device.host + max(0, launchSeconds - parts.total)
    return parts
  }

  /// Tokens of the leading blocks that the run before, of the same request, reads too.
  private func readBefore(_ index: Int, _ step: ScheduledStep) -> Int {
    guard index > 0, step.runs[index].sequence.request == step.runs[index - 1].sequence.request,
      step.runs[index - 1].tokens.count == 1
    else { return 0 }
    let table = step.runs[index].table
    let before = step.runs[index - 1].table
    var blocks = 0
    while blocks < min(table.count, before.count),
      step.tables[table.lowerBound + blocks] == step.tables[before.lowerBound + blocks]
    {
      blocks += 1
    }
    return blocks * blockSize
  }
}
