internal import Files
internal import JSON
package import ModelFiles

/// One prompt that the command line is to answer: `{"id", "prompt"}` or `{"id", "messages"}`.
package struct PromptLine: Sendable {
  package var id: TextRequest.Identifier?
  package var prompt: GenerationRequest.Prompt
  /// Broken byte sequences that became U+FFFD.
  package var repairs: Int

  /// - Throws: `DataError.corrupt` with the number of a line that is no such object.
  package init(line: UnsafeRawBufferPointer, number: Int, source: String) throws {
    let object = try TextRequest.object(
      of: line, number: number, source: source, shape: "{\"id\", \"prompt\"} or {\"id\", \"messages\"}")
    func failure(_ reason: String) -> DataError { .corrupt(path: source, at: "line \(number)", reason: reason) }
    (id, repairs) = (object.id, object.repairs)
    switch (object.value["prompt"], object.value["messages"]) {
    case (nil, nil): throw failure("the field 'prompt' or 'messages' is missing")
    case (.some, .some): throw failure("has both 'prompt' and 'messages'; leave one of them out")
    case (.some(let prompt), nil):
      guard let text = prompt.string else { throw failure("the field 'prompt' must be a text, not \(prompt.kind)") }
      self.prompt = .text(text)
    case (nil, .some(let messages)):
      guard let list = messages.array, !list.isEmpty else {
        throw failure("the field 'messages' must be a list of {\"role\", \"content\"}, one at least")
      }
      prompt = .messages(
        try list.map { message in
          guard let role = message["role"]?.string, let content = message["content"]?.string else {
            throw failure("every message must be an object {\"role\", \"content\"} of two texts, not \(message.kind)")
          }
          return ChatMessage(role: role, content: content)
        })
    }
  }
}
