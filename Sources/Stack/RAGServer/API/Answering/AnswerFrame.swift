internal import Generation
internal import JSON
internal import Tokenizers

/// What the answers to one call have in common.
struct AnswerFrame: Sendable {
  let call: GenerationCall
  let model: ServedModel
  /// Up to the choices: `{"id":…,"object":…,"created":…,"model":…,"choices":[`.
  let head: [UInt8]
  /// Of each prompt: its ids where they are told, or nothing, and how many they are.
  let promptIDs: [[Int32]]
  let promptCounts: [Int]
  /// With what the outputs of each prompt begin: nothing, unless the call wants an echo.
  let echoes: [String]

  init(
    call: GenerationCall, model: ServedModel, promptTokens: [[Int32]], id: String, created: Int, object: String
  ) {
    self.call = call
    self.model = model
    promptIDs = call.returnsTokenIDs ? promptTokens : []
    promptCounts = promptTokens.map(\.count)
    echoes = call.echoes ? zip(call.prompts, promptTokens).map { Self.text(of: $0, $1, model) } : []
    var head = Array(#"{"id":"#.utf8)
    JSONText.append(id, to: &head)
    head += #","object":"#.utf8
    JSONText.append(object, to: &head)
    head += #","created":"#.utf8
    JSONText.append(created, to: &head)
    head += #","model":"#.utf8
    JSONText.append(model.name, to: &head)
    head += #","choices":["#.utf8
    self.head = head
  }

  private static func text(
    of prompt: GenerationRequest.Prompt, _ tokens: [Int32], _ model: ServedModel
  ) -> String {
    if case .text(let text) = prompt { return text }
    return model.tokenizer.decode(tokens, skipSpecialTokens: false)
  }

  func appendFingerprint(to output: inout [UInt8]) {
    output += #","system_fingerprint":"#.utf8
    JSONText.append(model.fingerprint, to: &output)
  }

  /// `null` where ids were not asked for.
  func appendIDs(_ ids: [Int32], to output: inout [UInt8]) {
    guard call.returnsTokenIDs else {
      output += "null".utf8
      return
    }
    output.append(UInt8(ascii: "["))
    for (place, id) in ids.enumerated() {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      JSONText.append(Int(id), to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  func appendPromptIDs(_ prompt: Int, to output: inout [UInt8]) {
    appendIDs(promptIDs.isEmpty ? [] : promptIDs[prompt], to: &output)
  }

  static func appendReason(_ reason: FinishReason?, _ cause: StopCause?, to output: inout [UInt8]) {
    output += #","finish_reason":"#.utf8
    if let reason { JSONText.append(reason.rawValue, to: &output) } else { output += "null".utf8 }
    appendCause(cause, to: &output)
  }

  static func appendCause(_ cause: StopCause?, to output: inout [UInt8]) {
    output += #","stop_reason":"#.utf8
    switch cause {
    case .token(let id): JSONText.append(Int(id), to: &output)
    case .string(let text): JSONText.append(text, to: &output)
    case nil: output += "null".utf8
    }
  }
}
