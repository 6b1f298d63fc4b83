internal import JSON

/// The tokens of an answer. A prompt counts once, however many outputs it has.
struct TokenUsage: Sendable {
  var prompt: Int
  var completion: Int
  /// Tokens of prompts that lay in the cache; nil where that is not to be told.
  var cached: Int?

  func append(to output: inout [UInt8]) {
    output += #"{"prompt_tokens":"#.utf8
    JSONText.append(prompt, to: &output)
    output += #","total_tokens":"#.utf8
    JSONText.append(prompt + completion, to: &output)
    output += #","completion_tokens":"#.utf8
    JSONText.append(completion, to: &output)
    if let cached {
      output += #","prompt_tokens_details":{"cached_tokens":"#.utf8
      JSONText.append(cached, to: &output)
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "}"))
  }
}
