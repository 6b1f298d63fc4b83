/// What a model's folder holds, for `model info`.
public struct ModelSummary: Sendable, Encodable {
  public struct File: Sendable, Encodable {
    public var name: String
    public var bytes: Int
  }

  public var name: String
  public var path: String
  public var architecture: String?
  public var layers: Int?
  public var hiddenSize: Int?
  public var heads: Int?
  /// Heads of keys and values, of a decoder.
  public var keyValueHeads: Int?
  public var intermediateSize: Int?
  /// Rows of the embedding table.
  public var vocabulary: Int?
  public var maximumTokens: Int?
  public var parameters: Int
  /// Tensors by type: "F32: 101".
  public var types: [String: Int]
  public var pooling: String?
  public var normalizes: Bool?
  /// True where the folder says nothing of pooling, and mean pooling with normalisation is assumed.
  public var isPoolingAssumed: Bool?
  public var prompts: [String: String] = [:]
  public var files: [File]
}
