internal import Spelling

/// Which model on which device a simulation is of, by the words of experiments and of the command line:
/// `llama-13b:device=a100-40gb`, `llama-3.1-70b:device=h100,tensor_parallel=4,gpu_memory_utilization=0.95,shared_reads=request`.
public struct SimulatedSpecification: Sendable, Equatable {
  public var model: SimulatedModel
  public var device: SimulatedDevice
  /// Devices that hold the model together.
  public var tensorParallel = 1
  /// The share of the device's memory that weights, activations and KV cache may fill (vLLM's parameter and default).
  public var memoryUtilization = 0.9
  public var sharedReads = StepCost.SharedReads.perSequence

  public init(model: SimulatedModel, device: SimulatedDevice) {
    self.model = model
    self.device = device
  }

  /// - Throws: `GenerationError` for a word that is none, an unknown model, device or parameter, and a value out of range.
  public init(parsing word: String) throws(GenerationError) {
    let text: SpecificationText
    do { text = try SpecificationText(word) } catch { throw GenerationError("no simulation: \(error)") }
    var parameters = text.dictionary
    guard let model = SimulatedModel.all.first(where: { $0.name == text.kind }) else {
      throw Self.unknown("model", text.kind, among: SimulatedModel.all.map(\.name))
    }
    guard let name = parameters.removeValue(forKey: "device") else {
      throw GenerationError(
        "'\(word)' names no device to simulate; write \(text.kind):device=\(SimulatedDevice.all[0].name)")
    }
    guard let device = SimulatedDevice.all.first(where: { $0.name == name }) else {
      throw Self.unknown("device", name, among: SimulatedDevice.all.map(\.name))
    }
    self.init(model: model, device: device)
    if let value = parameters.removeValue(forKey: "tensor_parallel") {
      guard let count = Int(value), count > 0, model.keyValueHeads % count == 0 else {
        throw GenerationError(
          "tensor_parallel must divide the \(model.keyValueHeads) heads of keys and values of \(model.name), not be '\(value)'"
        )
      }
      tensorParallel = count
    }
    if let value = parameters.removeValue(forKey: "gpu_memory_utilization") {
      guard let share = Double(value), share > 0, share <= 1 else {
        throw GenerationError("gpu_memory_utilization must be above 0 and at most 1, not '\(value)'")
      }
      memoryUtilization = share
    }
    if let value = parameters.removeValue(forKey: "shared_reads") {
      guard let reads = StepCost.SharedReads(rawValue: value) else {
        throw Self.unknown("shared_reads", value, among: StepCost.SharedReads.allCases.map(\.rawValue))
      }
      sharedReads = reads
    }
    if let other = parameters.keys.min() {
      throw Self.unknown(
        "parameter", other, among: ["device", "tensor_parallel", "gpu_memory_utilization", "shared_reads"])
    }
  }

  private static func unknown(_ what: String, _ word: String, among known: [String]) -> GenerationError {
    GenerationError("no simulation: unknown \(what) '\(word)'; \(Spelling.hint(for: word, among: known))")
  }

  /// Bytes that are left for keys and values on all devices together, as vLLM finds them by a trial step: the memory that
  /// may be filled less weights and the peak of activations.
  ///
  /// - Throws: `GenerationError` if nothing is left.
  public func cacheBytes(maxBatchedTokens: Int, maxSequences: Int) throws(GenerationError) -> Double {
    let devices = Double(tensorParallel)
    let offered = device.memory * memoryUtilization * devices
    let rest = offered - model.bytes - activationBytes(maxBatchedTokens, maxSequences)
    guard rest > 0 else {
      throw GenerationError(
        "\(model.name) needs \(Self.gigabytes(model.bytes)) for its weights, and \(tensorParallel) × \(device.name) "
          + "lets \(Self.gigabytes(offered)) be filled; raise tensor_parallel or take a larger device")
    }
    return rest
  }

  /// KV blocks for that.
  public func blockCount(
    blockSize: Int, maxBatchedTokens: Int, maxSequences: Int
  ) throws(GenerationError) -> Int {
    let bytes = try cacheBytes(maxBatchedTokens: maxBatchedTokens, maxSequences: maxSequences)
    return Int(bytes / (model.cacheBytesPerToken * Double(blockSize)))
  }

  /// The most that lives at once beside weights and cache: a step's rows inside the feed-forward part (the residual, its
  /// norm, the products before and after the gate), or its logits in half precision, in float32 and as probabilities.
  private func activationBytes(_ tokens: Int, _ sequences: Int) -> Double {
    let rows = Double(tokens)
    let inside =
      rows * Double(2 * tensorParallel * model.hiddenSize + model.feedForwardMatrices * model.intermediateSize) * 2
    let logits = Double(min(sequences, tokens)) * Double(model.vocabularySize) * 10
    return max(inside, logits)
  }

  private static func gigabytes(_ bytes: Double) -> String { "\((bytes / 1e8).rounded() / 10) GB" }

  public func cost(blockSize: Int) -> StepCost {
    StepCost(
      model: model, device: device, tensorParallel: tensorParallel, blockSize: blockSize, sharedReads: sharedReads)
  }
}

extension SimulatedSpecification: CustomStringConvertible {
  /// What `init(parsing:)` reads; what has its default is left out.
  public var description: String {
    var word = "\(model.name):device=\(device.name)"
    if tensorParallel != 1 { word += ",tensor_parallel=\(tensorParallel)" }
    if memoryUtilization != 0.9 { word += ",gpu_memory_utilization=\(memoryUtilization)" }
    if sharedReads != .perSequence { word += ",shared_reads=\(sharedReads.rawValue)" }
    return word
  }
}
