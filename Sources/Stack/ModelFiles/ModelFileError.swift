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

  /// One line, whatever a damaged file made part of it.
  public var description: String {
    [path, place, reason].filter { !$0.isEmpty }.map(Self.oneLine).joined(separator: ": ")
  }

  private static func oneLine(_ text: String) -> String {
    let longest = 600
    let scalars = text.unicodeScalars.prefix(longest).map {
      $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
    }
    return String(String.UnicodeScalarView(scalars)) + (scalars.count == longest ? "…" : "")
  }
}
