package import Tokenizers

/// What the generate workload takes from outside. Tests put their own in.
package struct GenerationResources {
  /// Where the prompts of a name of the catalogue, or of a path, can be read.
  package var prompts: (String) throws -> String
  /// How a model reads words; nil for one that is only simulated.
  package var tokenizer: (GenerationEngineChoice) throws -> (any Tokenizer)?
  /// A model that is loaded anew, for what loading takes is measured too.
  package var engine: (GenerationEngineChoice) throws -> any GenerationEngine

  package init(
    prompts: @escaping (String) throws -> String,
    tokenizer: @escaping (GenerationEngineChoice) throws -> (any Tokenizer)?,
    engine: @escaping (GenerationEngineChoice) throws -> any GenerationEngine
  ) {
    self.prompts = prompts
    self.tokenizer = tokenizer
    self.engine = engine
  }
}
