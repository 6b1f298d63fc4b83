package import Generation
internal import JSON
internal import Tokenizers

/// What a caller of `/tokenize` asks for: the ids of a text or a conversation.
package struct TokenizeCall: Sendable {
  package let prompt: GenerationRequest.Prompt
  /// Of a text: whether to put what the model expects around it. A conversation's template does that itself.
  package let addsSpecialTokens: Bool
  /// Of a conversation: whether to lead over to the assistant.
  package let addsGenerationPrompt: Bool
  package let returnsTexts: Bool

  /// - Throws: `APIError` with the status, the type and the field that vLLM would name.
  package init(body bytes: UnsafeRawBufferPointer, model: ServedModel) throws(APIError) {
    let body = try RequestBody(bytes)
    try body.checkModel(model.name)
    if let text = try body.string("prompt") {
      prompt = .text(text)
      addsSpecialTokens = try body.bool("add_special_tokens") ?? true
    } else {
      guard body["messages"] != nil else {
        throw .malformed("there is neither a prompt nor a list of messages", "body.prompt")
      }
      prompt = try body.conversation()[0]
      try body.require(.bool(false), of: "add_special_tokens", "continue_final_message")
      try body.requireEmpty("chat_template", "chat_template_kwargs", "tools")
      addsSpecialTokens = false
    }
    addsGenerationPrompt = try body.bool("add_generation_prompt") ?? true
    returnsTexts = try body.bool("return_token_strs") ?? false
  }

  package func answer(_ ids: [Int32], model: ServedModel) -> [UInt8] {
    var output = Array(#"{"count":"#.utf8)
    JSONText.append(ids.count, to: &output)
    output += #","max_model_len":"#.utf8
    JSONText.append(model.maxModelLength, to: &output)
    output += #","tokens":"#.utf8
    JSONText.append(ids, to: &output)
    output += #","token_strs":"#.utf8
    if returnsTexts {
      for (place, id) in ids.enumerated() {
        output.append(UInt8(ascii: place == 0 ? "[" : ","))
        JSONText.append(model.tokenizer.decode([id], skipSpecialTokens: false), to: &output)
      }
      output += ids.isEmpty ? "[]".utf8 : "]".utf8
    } else {
      output += "null".utf8
    }
    output.append(UInt8(ascii: "}"))
    return output
  }
}

/// What a caller of `/detokenize` asks for: the text of some ids.
package struct DetokenizeCall: Sendable {
  package let ids: [Int32]

  /// - Throws: `APIError` with the status, the type and the field that vLLM would name.
  package init(body bytes: UnsafeRawBufferPointer, model: ServedModel) throws(APIError) {
    let body = try RequestBody(bytes)
    try body.checkModel(model.name)
    guard let given = try body.integers("tokens") else {
      throw .malformed("tokens should be a list of token ids; there is none", "body.tokens")
    }
    if let stranger = given.first(where: { !(0..<model.vocabularySize).contains($0) }) {
      throw .badRequest("Token id \(stranger) is out of vocabulary", "tokens")
    }
    ids = given.map(Int32.init)
  }

  package func answer(model: ServedModel) -> [UInt8] {
    var output = Array(#"{"prompt":"#.utf8)
    JSONText.append(model.tokenizer.decode(ids, skipSpecialTokens: false), to: &output)
    output.append(UInt8(ascii: "}"))
    return output
  }
}
