public import ModelFiles
internal import Spelling

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
      try specification.check(known: ["precision"])
      let precision = try precision(specification)
      return try BERTEmbedder(folder: folder(specification.kind, models), precision: precision, threads: threads)
    }
  }

  private static func precision(_ specification: EmbedderSpecification) throws -> BERTPrecision {
    guard let word = specification.parameters["precision"] else { return .f32 }
    guard let precision = BERTPrecision(rawValue: word) else {
      let known = BERTPrecision.allCases.map(\.rawValue)
      throw EmbedderError(
        "precision of '\(specification.kind)' is no '\(word)'; \(Spelling.hint(for: word, among: known))")
    }
    return precision
  }

  private static func folder(_ kind: String, _ models: ModelLibrary) throws -> ModelFolder {
    if let entry = models.catalog[kind], entry.kind != .embedder {
      let known = models.catalog.entries.filter { $0.kind == .embedder }.map(\.name)
      throw EmbedderError(
        "'\(kind)' is a \(entry.kind.rawValue), no embedder; there are \(known.joined(separator: ", "))")
    }
    guard kind.contains("/") || models.catalog[kind] != nil || models.hasFolder(kind) else {
      let known = ["hashing", "openai"] + models.catalog.entries.filter { $0.kind == .embedder }.map(\.name)
      throw EmbedderError(
        "no embedder is called '\(kind)', and the path of a folder holds a slash; "
          + Spelling.hint(for: kind, among: known))
    }
    return try models.folder(kind)
  }
}
