internal import Generation
internal import Instrumentation

/// A model on the engine of the stack, measured in this process.
package final class InTreeGenerationEngine: GenerationEngine {
  private let open: () throws -> GenerationModel
  private var model: GenerationModel?
  private var threads = 1
  /// The one that the last pass took: policies with the same blocks share it, and two would hold the weights twice.
  private var executor: (shape: ExecutorShape, executor: any ModelExecutor)?

  package init(open: @escaping () throws -> GenerationModel) {
    self.open = open
  }

  package func load(threads: Int, for setting: GenerationSetting) throws -> Double? {
    let start = MonotonicClock.now()
    self.threads = threads
    let model = try open()
    self.model = model
    // A setting that the model has no blocks for fails its own case, and no other.
    _ = try? executor(of: model, setting)
    return MonotonicClock.seconds(from: start, to: MonotonicClock.now())
  }

  package func privateBytes() -> Int? {
    // Pages that earlier engines gave back to the allocator alone would hide what this one takes.
    Allocator.returnFreePages()
    return ProcessMemory.read().map { Int($0.privateBytes) }
  }

  package func close() {
    executor = nil
    model = nil
  }

  package func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) throws -> GenerationPass {
    guard let model else { throw EngineError("the model was not loaded") }
    let (shape, executor) = try executor(of: model, setting)
    var pass = try EngineCorePass(
      requests, setting, executor: executor, blocks: shape.blocks,
      bytesPerBlock: model.bytesPerBlock(shape.blockSize), vocabulary: model.vocabularySize, threads: threads)
    return try pass.run()
  }

  private func executor(
    of model: GenerationModel, _ setting: GenerationSetting
  ) throws -> (shape: ExecutorShape, executor: any ModelExecutor) {
    let shape = try model.shape(setting, threads: threads)
    if let known = executor, known.shape == shape { return known }
    // The old one goes before the new one comes.
    executor = nil
    let made = (shape: shape, executor: try model.executor(shape))
    executor = made
    return made
  }
}
