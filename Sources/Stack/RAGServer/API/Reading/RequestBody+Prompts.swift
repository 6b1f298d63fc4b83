internal import Generation
internal import JSON
internal import ModelFiles
internal import Tokenizers

extension RequestBody {
  /// A text, a list of texts, a list of ids, or a list of lists of ids.
  func prompts(vocabularySize: Int, field: String = "prompt") throws(APIError) -> [GenerationRequest.Prompt] {
    let missing = APIError.badRequest("\(field) must be provided and non-empty. (parameter=\(field))", field)
    guard let value = self[field] else { throw missing }
    let right = "a text, a list of texts, a list of token ids or a list of such lists"
    let wrong = APIError.malformed("\(field) should be \(right), not \(value.kind)", "body.\(field)")
    let prompts: [GenerationRequest.Prompt]
    if let text = value.string {
      prompts = [.text(text)]
    } else {
      guard let list = value.array else { throw wrong }
      guard list.count <= Self.mostPrompts || list.first?.clampedInteger != nil else {
        throw .badRequest(
          "\(field) list length \(list.count) exceeds the maximum allowed count of \(Self.mostPrompts).", field)
      }
      if let texts = list.all(\.string) {
        prompts = texts.map { .text($0) }
      } else if let ids = list.all(\.clampedInteger) {
        prompts = [.tokens(try tokens(ids, vocabularySize))]
      } else {
        guard let lists = list.all({ $0.array?.all(\.clampedInteger) }) else { throw wrong }
        var several: [GenerationRequest.Prompt] = []
        for ids in lists { several.append(.tokens(try tokens(ids, vocabularySize))) }
        prompts = several
      }
    }
    guard !prompts.isEmpty, !prompts.contains(.text("")), !prompts.contains(.tokens([])) else { throw missing }
    return prompts
  }

  /// The prompts of a completion, texts as ids where no special tokens are to be put around them.
  func completionPrompts(_ model: ServedModel) throws(APIError) -> [GenerationRequest.Prompt] {
    let prompts = try prompts(vocabularySize: model.vocabularySize)
    guard try bool("add_special_tokens") == false else { return prompts }
    return prompts.map { prompt in
      guard case .text(let text) = prompt else { return prompt }
      return .tokens(model.tokenizer.encode(text, addSpecialTokens: false).ids)
    }
  }

  /// As vLLM's.
  private static var mostPrompts: Int { 1024 }

  private func tokens(_ ids: [Int], _ vocabularySize: Int) throws(APIError) -> [Int32] {
    if let stranger = ids.first(where: { !(0..<vocabularySize).contains($0) }) {
      throw .badRequest("Token id \(stranger) is out of vocabulary")
    }
    return ids.map(Int32.init)
  }

  /// The messages of a chat, as its one prompt.
  func conversation() throws(APIError) -> [GenerationRequest.Prompt] {
    guard let value = self["messages"] else {
      throw .malformed("messages should be a list of messages; there are none", "body.messages")
    }
    guard let list = value.array else {
      throw .malformed("messages should be a list, not \(value.kind)", "body.messages")
    }
    guard !list.isEmpty else {
      throw .badRequest("Cannot apply chat template to an empty conversation. Provide at least one message.")
    }
    var messages: [ChatMessage] = []
    messages.reserveCapacity(list.count)
    for (index, message) in list.enumerated() {
      messages.append(try Self.message(message, at: "body.messages.\(index)"))
    }
    return [.messages(messages)]
  }

  private static func message(_ value: JSONValue, at place: String) throws(APIError) -> ChatMessage {
    guard value.object != nil else { throw .malformed("a message should be an object, not \(value.kind)", place) }
    guard let role = value["role"]?.string else {
      throw .malformed("a message's role should be a text, not \(value["role"]?.kind ?? "absent")", "\(place).role")
    }
    // OpenAI's newer name of the same.
    let known = role == "developer" ? "system" : role
    guard ["system", "user", "assistant"].contains(known) else {
      throw .badRequest(
        "The role `\(role)` is unknown; a message is of `system`, `user` or `assistant`.", "\(place).role")
    }
    if let calls = value["tool_calls"], !calls.isNull, calls.array?.isEmpty != true {
      throw .unsupported("tool_calls")
    }
    return ChatMessage(role: known, content: try content(value["content"], of: known, at: "\(place).content"))
  }

  /// Texts in parts are joined by line ends, as vLLM joins them.
  private static func content(
    _ value: JSONValue?, of role: String, at place: String
  ) throws(APIError) -> String {
    if let text = value?.string { return text }
    // An assistant's message may have consisted of something else than text.
    if role == "assistant", value?.isNull != false { return "" }
    guard let parts = value?.array else {
      throw .malformed("a message's content should be a text or a list of parts, not \(value?.kind ?? "absent")", place)
    }
    var texts: [String] = []
    for (index, part) in parts.enumerated() {
      guard let type = part["type"]?.string else {
        throw .malformed("a part of a message should be an object with a type, not \(part.kind)", "\(place).\(index)")
      }
      guard type == "text" else {
        throw .badRequest(
          "The model reads text only, and a part is of the type `\(type)`.", "\(place).\(index).type")
      }
      guard let text = part["text"]?.string else {
        throw .malformed("a part of the type `text` should have a text", "\(place).\(index).text")
      }
      texts.append(text)
    }
    return texts.joined(separator: "\n")
  }
}
