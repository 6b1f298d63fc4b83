/// Turns text into the ids that a model reads, and back.
public protocol Tokenizer: Sendable {
  /// One more than the largest id.
  var vocabularySize: Int { get }

  /// Ids of `text` with their places; special tokens that the text spells out become their ids.
  /// - Parameter addSpecialTokens: whether to put what the model expects around a text ([CLS] … [SEP], say).
  /// - Complexity: O(length of the text).
  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding

  /// The text of some ids. Unknown ids are left out; bytes that make no scalar become U+FFFD.
  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String
}

/// Token ids, and where each stands in the text.
public struct Encoding: Sendable, Equatable {
  public var ids: [Int32] = []
  /// Offsets in UTF-8 bytes of the source; empty for tokens that were added.
  public var ranges: [Range<Int>] = []

  public init() {}

  mutating func append(_ id: Int32, _ range: Range<Int>) {
    ids.append(id)
    ranges.append(range)
  }

  mutating func truncate(to count: Int) {
    ids.removeSubrange(count...)
    ranges.removeSubrange(count...)
  }
}

/// Why a tokenizer cannot be read, as one sentence with the file and the field at fault.
public struct TokenizerError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
