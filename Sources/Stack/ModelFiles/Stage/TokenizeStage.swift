internal import JSON
package import Tokenizers

/// Tokenising as scripts use it: a text in, `{"id", "ids"}` out.
package struct TokenizeStage: Sendable {
  private let tokenizer: any Tokenizer
  private let addsSpecialTokens: Bool

  package init(tokenizer: any Tokenizer, addsSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.addsSpecialTokens = addsSpecialTokens
  }

  /// One line with its newline.
  package func answer(_ request: TextRequest) -> [UInt8] {
    var output: [UInt8] = []
    request.open(&output)
    output += "\"ids\":".utf8
    JSONText.append(tokenizer.encode(request.text, addSpecialTokens: addsSpecialTokens).ids, to: &output)
    output += "}\n".utf8
    return output
  }
}
