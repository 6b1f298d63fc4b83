internal import Generation
internal import Tokenizers

/// What of a request's own ended an output; the model's own end is none.
enum StopCause: Sendable, Equatable {
  case token(Int32)
  case string(String)
}

/// Finds what ended an output of a call.
struct StopFinder: Sendable {
  private let model: ServedModel
  private let tokens: Set<Int32>
  private let strings: [String]
  /// Tokens at the end of an output in which the longest stop string lies, whatever each of them stands for.
  private let reach: Int

  init(_ call: GenerationCall, _ model: ServedModel) {
    self.model = model
    tokens = Set(call.sampling.stopTokens)
    strings = call.sampling.stopStrings
    // A token is a byte at least; empty ones are special, and end an output themselves.
    reach = strings.count > 1 ? strings.reduce(0) { max($0, $1.utf8.count) } + 1 : 1
  }

  /// Keeps of an output's ids what the end may be found in.
  func note(_ ids: [Int32], in tail: inout [Int32]) {
    tail += ids
    if tail.count > 2 * reach { tail.removeFirst(tail.count - reach) }
  }

  /// - Parameter tail: the last ids of the output.
  func cause(of reason: FinishReason, tail: [Int32]) -> StopCause? {
    guard reason == .stop, let last = tail.last else { return nil }
    if tokens.contains(last) { return .token(last) }
    if model.endTokens.contains(last) { return nil }
    if strings.count <= 1 { return strings.first.map(StopCause.string) }
    return stopString(in: tail).map(StopCause.string)
  }

  /// The stop string that the last id completed and that begins first.
  private func stopString(in tail: [Int32]) -> String? {
    let text = Array(model.tokenizer.decode(tail, skipSpecialTokens: true).utf8)
    let before = model.tokenizer.decode(Array(tail.dropLast()), skipSpecialTokens: true).utf8.count
    for start in text.indices {
      for stop in strings where text[start...].starts(with: stop.utf8) && start + stop.utf8.count > before {
        return stop
      }
    }
    return nil
  }
}
