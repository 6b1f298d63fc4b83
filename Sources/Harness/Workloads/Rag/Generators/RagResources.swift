package import Generation
package import RAGPipeline

/// What the rag workload takes from outside, beside stores and what other workloads take. Tests put their own in.
package struct RagResources {
  /// A model or a server's client, loaded.
  package var generator: (GeneratorChoice) throws -> any LoadedGenerator
  /// A whole remote system that searches a collection of its own and answers by these options.
  package var agent: (GeneratorChoice, _ collection: String, RAGOptions) throws -> any QuestionAnswerer

  package init(
    generator: @escaping (GeneratorChoice) throws -> any LoadedGenerator,
    agent: @escaping (GeneratorChoice, _ collection: String, RAGOptions) throws -> any QuestionAnswerer
  ) {
    self.generator = generator
    self.agent = agent
  }
}

/// A generator that cases share.
package protocol LoadedGenerator: AnyObject {
  /// The generator as it is before it has read any prompt, where it can be brought there; the one of before is not used any more.
  ///
  /// - Throws: `GenerationError` if it cannot be had.
  func fresh() throws -> any TextGenerator
  /// Whether `fresh` forgets the prompts of earlier passes. A server's prefix cache may keep them, and answer what it has seen
  /// before in no time.
  var forgetsPrompts: Bool { get }
  /// How long prompts may be and are; nil where nobody here knows.
  var limits: PromptLimits? { get }
  /// Nothing is called after.
  func close()
}
