internal import JSON
internal import ModelFiles

/// A turn as a client asks for it.
struct TurnCall: Sendable {
  /// As they came, with the context that Llama Stack writes.
  let input: [JSONValue]
  let question: String
  /// User's messages before the last one.
  let earlier: [ChatMessage]
  let streams: Bool
  /// Nil: the agent's own.
  let knowledge: AgentKnowledge?
  let namesTools: Bool

  init(_ body: RequestBody) throws(APIError) {
    guard let list = body["messages"]?.array, !list.isEmpty else {
      throw .malformed("messages should be a list with at least one message", "body.messages")
    }
    if let documents = body["documents"], documents.array?.isEmpty != true {
      throw .badRequest("A turn's documents are not read here; insert them into a vector database.", "documents")
    }
    var input: [JSONValue] = []
    var texts: [ChatMessage] = []
    for (index, message) in list.enumerated() {
      let place = "messages.\(index)"
      guard let role = message["role"]?.string else { throw .malformed("\(place).role should be a text", place) }
      guard role == "user" else {
        throw .badRequest("The messages of a turn are the user's; \(place) is of the role `\(role)`.", "\(place).role")
      }
      var text = try InterleavedContent.text(message["content"], at: "\(place).content")
      let context = message["context"].flatMap { $0.isNull ? nil : $0 }
      if let context { text += "\n" + (try InterleavedContent.text(context, at: "\(place).context")) }
      texts.append(ChatMessage(role: role, content: text))
      input.append(
        .fields(["role": .string(role), "content": message["content"] ?? .null, "context": context ?? .null]))
    }
    self.input = input
    question = texts.removeLast().content
    earlier = texts
    guard question.contains(where: { !$0.isWhitespace }) else {
      throw .badRequest("The last message is empty; ask something.", "messages")
    }
    streams = try body.bool("stream") ?? false
    namesTools = body["toolgroups"] != nil
    knowledge = try AgentKnowledge(body["toolgroups"], at: "toolgroups")
  }
}
