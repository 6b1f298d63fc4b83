internal import JSON
package import ModelFiles

/// All that a generator told of one request.
package struct GeneratedText: Sendable {
  package struct Choice: Sendable {
    package var text = ""
    package var ids: [Int32] = []
    package var logprobs: [TokenLogprob] = []
    /// nil while it goes on.
    package var reason: FinishReason?
  }

  package private(set) var choices: [Choice]
  package private(set) var promptTokens = 0

  /// - Parameter choices: how many there will be.
  package init(choices: Int) { self.choices = Array(repeating: Choice(), count: choices) }

  package mutating func take(_ event: GenerationEvent) {
    switch event {
    case .tokens(let choice, let ids, let text, let logprobs):
      choices[choice].text += text
      choices[choice].ids += ids
      choices[choice].logprobs += logprobs
    case .finished(let choice, let reason): choices[choice].reason = reason
    case .usage(let tokens, _, _): promptTokens = tokens
    }
  }

  /// `{"id", "index", "text", "token_ids", "finish_reason"}` a choice, each with its newline; where they were asked for with
  /// "logprobs", one for each token.
  package func lines(id: TextRequest.Identifier?) -> [UInt8] {
    var output: [UInt8] = []
    for (index, choice) in choices.enumerated() {
      TextRequest(id: id, text: "").open(&output)
      output += "\"index\":\(index),\"text\":".utf8
      JSONText.append(choice.text, to: &output)
      output += ",\"token_ids\":".utf8
      JSONText.append(choice.ids, to: &output)
      if !choice.logprobs.isEmpty { append(choice.logprobs, to: &output) }
      output += ",\"finish_reason\":\"\(choice.reason?.rawValue ?? "")\"}\n".utf8
    }
    return output
  }

  /// `[{"logprob", "top": [[token, logprob], …]}, …]`.
  private func append(_ logprobs: [TokenLogprob], to output: inout [UInt8]) {
    output += ",\"logprobs\":[".utf8
    for (index, place) in logprobs.enumerated() {
      output += "\(index == 0 ? "" : ","){\"logprob\":\(json(place.logprob)),\"top\":[".utf8
      output += place.top.map { "[\($0.token),\(json($0.logprob))]" }.joined(separator: ",").utf8
      output += "]}".utf8
    }
    output.append(UInt8(ascii: "]"))
  }

  /// JSON has no infinity; as far below 0 as OpenAI's answers go.
  private func json(_ logprob: Float) -> Float { max(logprob, -9999) }
}
