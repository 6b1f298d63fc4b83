package import Generation
package import JSON

/// The events of one turn, in Llama Stack's order: an inference that calls the tool, the tool's execution, the inference that
/// answers, and the whole turn.
package struct TurnScript: Sendable {
  private enum StepType: String {
    case inference
    case toolExecution = "tool_execution"
  }

  private let turn: String
  private let session: String
  private let input: [JSONValue]
  private let newID: @Sendable () -> String
  private let now: @Sendable () -> String
  private let started: String
  private var steps: [JSONValue] = []
  private var step = ""
  private var stepStarted = ""
  private var call: JSONValue = .null
  package private(set) var text = ""

  /// - Parameters:
  ///   - input: the messages of the request.
  ///   - newID: a fresh id of a step or a call.
  ///   - now: the time, as answers write it.
  package init(
    turn: String, session: String, input: [JSONValue], newID: @escaping @Sendable () -> String,
    now: @escaping @Sendable () -> String
  ) {
    self.turn = turn
    self.session = session
    self.input = input
    self.newID = newID
    self.now = now
    started = now()
  }

  /// An inference begins.
  package mutating func begin() -> [JSONValue] { [start(.inference), progress(.inference, Self.delta(""))] }

  /// The inference ends with a call of `knowledge_search`, which begins.
  package mutating func called(query: String) -> [JSONValue] {
    let arguments = JSONValue.fields(["query": .string(query)])
    call = .fields([
      "call_id": .string(newID()), "tool_name": .string(BuiltinTools.search), "arguments": arguments,
      "arguments_json": .string(String(decoding: arguments.json, as: UTF8.self)),
    ])
    let planned = progress(.inference, toolDelta("succeeded"))
    let end = complete(.inference, ["model_response": response("", .stop, calls: [call])])
    return [planned, end, start(.toolExecution), progress(.toolExecution, toolDelta("in_progress"))]
  }

  /// The tool has answered, and the inference that reads it begins.
  package mutating func found(_ result: KnowledgeResult) -> [JSONValue] {
    let answer = JSONValue.fields([
      "call_id": call["call_id"] ?? .null, "tool_name": .string(BuiltinTools.search), "content": result.content,
      "metadata": result.metadata,
    ])
    let end = complete(.toolExecution, ["tool_calls": .array([call]), "tool_responses": .array([answer])])
    return [end] + begin()
  }

  package mutating func said(_ text: String) -> [JSONValue] {
    guard !text.isEmpty else { return [] }
    self.text += text
    return [progress(.inference, Self.delta(text))]
  }

  /// The answer is whole.
  package mutating func ended(_ reason: FinishReason) -> [JSONValue] {
    let message = response(text, reason, calls: [])
    let end = complete(.inference, ["model_response": message])
    let whole = JSONValue.fields([
      "turn_id": .string(turn), "session_id": .string(session), "input_messages": .array(input),
      "steps": .array(steps), "output_message": message, "output_attachments": .array([]),
      "started_at": .string(started), "completed_at": .string(now()),
    ])
    self.whole = whole
    return [end, Self.event(.fields(["event_type": .string("turn_complete"), "turn": whole]))]
  }

  /// The turn, once it has ended.
  package private(set) var whole: JSONValue = .null

  // MARK: -

  static func stopReason(_ reason: FinishReason) -> String { reason == .length ? "out_of_tokens" : "end_of_turn" }

  static func event(_ payload: JSONValue) -> JSONValue { .fields(["event": .fields(["payload": payload])]) }

  private func response(_ text: String, _ reason: FinishReason, calls: [JSONValue]) -> JSONValue {
    .fields([
      "role": .string("assistant"), "content": .string(text), "stop_reason": .string(Self.stopReason(reason)),
      "tool_calls": .array(calls),
    ])
  }

  private static func delta(_ text: String) -> JSONValue { .fields(["type": .string("text"), "text": .string(text)]) }

  private func toolDelta(_ status: String) -> JSONValue {
    .fields(["type": .string("tool_call"), "tool_call": call, "parse_status": .string(status)])
  }

  private mutating func start(_ type: StepType) -> JSONValue {
    step = newID()
    stepStarted = now()
    return Self.event(
      .fields([
        "event_type": .string("step_start"), "step_type": .string(type.rawValue), "step_id": .string(step),
        "metadata": .fields([:]),
      ]))
  }

  private func progress(_ type: StepType, _ delta: JSONValue) -> JSONValue {
    Self.event(
      .fields([
        "event_type": .string("step_progress"), "step_type": .string(type.rawValue), "step_id": .string(step),
        "delta": delta,
      ]))
  }

  private mutating func complete(_ type: StepType, _ details: KeyValuePairs<String, JSONValue>) -> JSONValue {
    let head: KeyValuePairs<String, JSONValue> = [
      "turn_id": .string(turn), "step_id": .string(step), "started_at": .string(stepStarted),
      "completed_at": .string(now()), "step_type": .string(type.rawValue),
    ]
    let members = (Array(head) + Array(details)).map { JSONMember(name: $0.key, value: $0.value) }
    steps.append(.object(members))
    return Self.event(
      .fields([
        "event_type": .string("step_complete"), "step_type": .string(type.rawValue), "step_id": .string(step),
        "step_details": .object(members),
      ]))
  }
}
