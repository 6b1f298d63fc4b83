public import ModelFiles

/// Makes embedders from their specifications.
public enum EmbedderFactory {
  /// - Parameters:
  ///   - models: where models are found that a specification names; fetched into its cache if need be.
  ///   - threads: how many threads one call may keep busy.
  /// - Throws: `EmbedderError` for a kind or a parameter that is not known, with those that are; `ModelFileError` or
  ///   `DataError` if the model cannot be had.
  public static func make(
    _ specification: EmbedderSpecification, models: ModelLibrary, threads: Int
  ) throws -> any Embedder {
    switch specification.kind {
    case "hashing": return try HashingEmbedder(specification)
    case "openai": return try OpenAIEmbedder(specification, environment: models.environment)
    default:
      throw EmbedderError("no embedder is called '\(specification.kind)'; known are hashing and openai")
    }
  }
}
