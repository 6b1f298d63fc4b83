internal import Generation
internal import JSON
internal import ModelFiles

/// Llama Stack's own completions; those of OpenAI's API are the server's.
extension LlamaStackService {
  func beginCompletion(_ body: RequestBody, _ number: Int, _ reply: Reply) throws(APIError) {
    let text = try InterleavedContent.text(body["content"], at: "content")
    try begin(.text(text), body, number, reply) { text, reason in
      .fields(["delta": .string(text), "stop_reason": reason.map { .string($0) } ?? .null, "logprobs": .null])
    } whole: { text, reason in
      .fields(["content": .string(text), "stop_reason": .string(reason), "logprobs": .null])
    }
  }

  func beginChat(_ body: RequestBody, _ number: Int, _ reply: Reply) throws(APIError) {
    guard let list = body["messages"]?.array, !list.isEmpty else {
      throw .malformed("messages should be a list with at least one message", "body.messages")
    }
    var messages: [ChatMessage] = []
    for (index, message) in list.enumerated() {
      let place = "messages.\(index)"
      guard let role = message["role"]?.string, ["system", "user", "assistant"].contains(role) else {
        throw .badRequest("\(place).role should be system, user or assistant.", "\(place).role")
      }
      let text = try InterleavedContent.text(message["content"], at: "\(place).content")
      messages.append(ChatMessage(role: role, content: text))
    }
    try body.requireEmpty("tools")
    try begin(.messages(messages), body, number, reply) { text, reason in
      let type = reason != nil ? "complete" : "progress"
      return .fields([
        "event": .fields([
          "event_type": .string(type), "delta": .fields(["type": .string("text"), "text": .string(text)]),
          "logprobs": .null, "stop_reason": reason.map { .string($0) } ?? .null,
        ])
      ])
    } whole: { text, reason in
      .fields([
        "completion_message": .fields([
          "role": .string("assistant"), "content": .string(text), "stop_reason": .string(reason),
          "tool_calls": .array([]),
        ]),
        "logprobs": .null,
      ])
    }
  }

  private func begin(
    _ prompt: GenerationRequest.Prompt, _ body: RequestBody, _ number: Int, _ reply: Reply,
    event: @escaping @Sendable (_ text: String, _ reason: String?) -> JSONValue,
    whole: @escaping @Sendable (_ text: String, _ reason: String) -> JSONValue
  ) throws(APIError) {
    let name = try Self.required(body, "model_id")
    guard name == model.id else {
      throw .badRequest("Model '\(name)' not found; the language model here is '\(model.id)'.", "model_id")
    }
    for field in ["response_format", "logprobs"] where body[field] != nil { throw .unsupported(field) }
    let sampling = try StackSampling.read(body["sampling_params"], at: "sampling_params", maxTokens: options.maxTokens)
    let streams = try body.bool("stream") ?? false
    let call = StackCall(number: number, streams: streams, reply: reply, registry: registry, executor: executor)
    call.start { [generator = model.generator] told in
      var text = ""
      var end = FinishReason.stop
      let request = GenerationRequest(prompt: prompt, sampling: sampling)
      for try await made in try await generator.generate(request) {
        switch made {
        case .tokens(choice: 0, _, let piece, _) where !piece.isEmpty:
          text += piece
          told.tell([event(piece, nil)])
        case .finished(choice: 0, let reason): end = reason
        default: break
        }
      }
      try Task.checkCancellation()
      let reason = TurnScript.stopReason(end)
      told.tell([event("", reason)])
      return whole(text, reason)
    }
  }
}
