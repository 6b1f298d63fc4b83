package import Generation
internal import JSON

/// What a caller of `/v1/completions` or `/v1/chat/completions` asks for.
///
/// Names, defaults and refusals are vLLM's (0.32); unknown fields are ignored. Fields of vLLM's that would change the answer
/// and are not done here (beam search, tools, grammars, log probabilities of the prompt, …) are refused by name.
package struct GenerationCall: Sendable {
  package enum Endpoint: String, Sendable, CaseIterable {
    case completions, chat
  }

  package let endpoint: Endpoint
  /// One for each text, list of ids or conversation; never empty.
  package let prompts: [GenerationRequest.Prompt]
  /// As it was asked for, without the bounds of a prompt: see `sampling(promptTokens:in:)`.
  package let sampling: SamplingParameters
  package let streams: Bool
  /// Whether a stream ends with a chunk that counts all tokens.
  package let includesUsage: Bool
  /// Whether every chunk counts its choice's tokens.
  package let continuousUsage: Bool
  package let returnsTokenIDs: Bool
  /// Whether log probabilities name tokens by id, as `token_id:5`, so that those without a text of their own can be told apart.
  package let namesTokensByID: Bool
  /// Whether outputs begin with their prompt.
  package let echoes: Bool

  /// Outputs of all prompts; those of prompt p begin at index p × n.
  package var choiceCount: Int { prompts.count * sampling.n }

  /// - Throws: `APIError` with the status, the type and the field that vLLM would name.
  package init(
    body bytes: UnsafeRawBufferPointer, endpoint: Endpoint, model: ServedModel
  ) throws(APIError) {
    let body = try RequestBody(bytes)
    try body.checkModel(model.name)
    try Self.checkUnsupported(body, endpoint)
    self.endpoint = endpoint
    prompts = endpoint == .chat ? try body.conversation() : try body.completionPrompts(model)
    sampling = try body.sampling(endpoint, vocabularySize: model.vocabularySize)
    streams = try body.bool("stream") ?? false
    let options = try body.streamOptions(streams: streams)
    includesUsage = options.includesUsage
    // As vLLM: without the final count there is no running one.
    continuousUsage = options.includesUsage && options.isContinuous
    returnsTokenIDs = try body.bool("return_token_ids") ?? false
    namesTokensByID = try body.bool("return_tokens_as_token_ids") ?? false
    echoes = endpoint == .completions ? try body.bool("echo") ?? false : false
    guard choiceCount <= SamplingParameters.mostChoices else {
      throw .badRequest(
        "\(prompts.count) prompts with n = \(sampling.n) make \(choiceCount) outputs, and the most of one request are "
          + "\(SamplingParameters.mostChoices).", "n")
    }
    guard !echoes || sampling.logprobs == nil else {
      throw .badRequest("`echo` with `logprobs` is not supported: prompts have no log probabilities here.", "echo")
    }
  }

  private static func checkUnsupported(_ body: RequestBody, _ endpoint: Endpoint) throws(APIError) {
    try body.require(.bool(false), of: "use_beam_search", "include_stop_str_in_output")
    try body.require(.bool(true), of: "skip_special_tokens")
    try body.require(.object([.init(name: "type", value: .string("text"))]), of: "response_format")
    try body.requireEmpty(
      "allowed_token_ids", "bad_words", "logprob_token_ids", "structured_outputs", "truncate_prompt_tokens")
    switch endpoint {
    case .completions:
      try body.require(.string(""), of: "suffix")
      try body.requireEmpty("prompt_logprobs", "prompt_embeds")
    case .chat:
      try body.require(.bool(false), of: "add_special_tokens", "echo", "continue_final_message")
      try body.require(.bool(true), of: "add_generation_prompt")
      try body.requireEmpty("prompt_logprobs", "chat_template", "chat_template_kwargs", "documents")
      if body["tool_choice"] != .string("none") { try body.requireEmpty("tools", "functions") }
    }
  }
}
