internal import Tokenizers

/// Turns ids into text as they come, holding back what does not make a whole scalar yet.
///
/// It works on whatever a tokenizer decodes, the text of a few ids with and without the newest, because what an id stands
/// for may depend on the one before it (a leading space, say); so does vLLM.
struct Detokenizer {
  private let tokenizer: any Tokenizer
  /// The ids whose text was given last, and those whose text is still to come.
  private var window: [Int32] = []
  private var givenIDs = 0
  /// The text of the first `givenIDs` of the window.
  private var given = ""
  /// No scalar has more parts than bytes; beyond, broken bytes are given as they are, as U+FFFD.
  private static let mostHeldBack = 8

  init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  /// The text that an id completes, special tokens left out.
  mutating func append(_ id: Int32) -> String {
    window.append(id)
    let text = tokenizer.decode(window, skipSpecialTokens: true)
    let isWhole = text.unicodeScalars.last != "\u{FFFD}" || window.count - givenIDs > Self.mostHeldBack
    return isWhole ? give(text) : ""
  }

  /// What is left, bytes that make no scalar as U+FFFD.
  mutating func finish() -> String {
    window.count == givenIDs ? "" : give(tokenizer.decode(window, skipSpecialTokens: true))
  }

  private mutating func give(_ text: String) -> String {
    let new = String(decoding: text.utf8.dropFirst(given.utf8.count), as: UTF8.self)
    window.removeFirst(givenIDs)
    givenIDs = window.count
    given = tokenizer.decode(window, skipSpecialTokens: true)
    return new
  }
}
