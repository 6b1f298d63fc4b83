/// Which embedder, and how it runs, by the words of experiments and of the command line.
///
/// Kinds: a name of the model library ("minilm", "bge-small", …) or a folder, with `precision` f32, bf16, int8 or fast;
/// `hashing` with `dimension`; `openai` with `url`, `model` and `batch`. Parameters are strings until the kind reads them.
public struct EmbedderSpecification: Sendable, Hashable {
  public var kind: String
  public var parameters: [String: String]

  public init(kind: String, parameters: [String: String] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }
}
