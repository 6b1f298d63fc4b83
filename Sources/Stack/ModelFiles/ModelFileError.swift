/// Why a model's file cannot be used, as one sentence with the path and the field, tensor or offset at fault.
public struct ModelFileError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// "tensor 'embeddings.word_embeddings.weight'", "field 'hidden_size'", "byte 8", …; empty for the whole file.
  public var place: String
  public var reason: String

  public init(path: String, place: String = "", reason: String) {
    self.path = path
    self.place = place
    self.reason = reason
  }

  public var description: String { place.isEmpty ? "\(path): \(reason)" : "\(path): \(place): \(reason)" }
}
