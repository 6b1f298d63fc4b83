internal import Generation

/// The engine of the stack over a device that is only reckoned with: the same scheduler, in virtual time.
package final class SimulatedGenerationEngine: GenerationEngine {
  private let model: GenerationModel

  package init(model: GenerationModel) {
    self.model = model
  }

  package func load(threads: Int, for setting: GenerationSetting) -> Double? { nil }

  package func privateBytes() -> Int? { nil }

  package func close() {}

  package func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) throws -> GenerationPass {
    let shape = try model.shape(setting, threads: 1)
    var pass = try EngineCorePass(
      requests, setting, executor: model.executor(shape), blocks: shape.blocks,
      bytesPerBlock: model.bytesPerBlock(shape.blockSize), vocabulary: model.vocabularySize, threads: 1)
    return try pass.run()
  }
}
