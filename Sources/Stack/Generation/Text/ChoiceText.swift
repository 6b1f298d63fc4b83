internal import Tokenizers

/// The text of one output, token by token.
struct ChoiceText {
  private var detokenizer: Detokenizer
  private var stops: StopStrings
  private let minTokens: Int
  private var tokens = 0

  init(_ tokenizer: any Tokenizer, sampling: SamplingParameters) {
    detokenizer = Detokenizer(tokenizer)
    stops = StopStrings(sampling.stopStrings)
    minTokens = sampling.minTokens
  }

  /// The text that a token sets free, and whether a stop string ends it. Until `minTokens` none is looked for.
  ///
  /// - Parameters:
  ///   - isSilent: whether it is a stop token, which has no text.
  ///   - isLast: whether nothing follows, so that nothing need be held back.
  mutating func append(_ token: Int32, isSilent: Bool, isLast: Bool) -> (text: String, isStopped: Bool) {
    tokens += 1
    var part = isSilent ? "" : detokenizer.append(token)
    if isLast { part += detokenizer.finish() }
    guard tokens > minTokens else { return (part, false) }
    var result = stops.append(part)
    if isLast, !result.isStopped { result.text += stops.finish() }
    return result
  }
}
