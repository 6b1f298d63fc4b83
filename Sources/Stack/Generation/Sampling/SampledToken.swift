/// A token that was chosen from a row of logits.
package struct SampledToken: Sendable, Equatable {
  package var token: Int32
  /// By the log softmax of the row as the model gave it, before penalties and temperature, as in vLLM; nil where it was
  /// not asked for.
  package var logprob: TokenLogprob?

  package init(token: Int32, logprob: TokenLogprob? = nil) {
    self.token = token
    self.logprob = logprob
  }
}
