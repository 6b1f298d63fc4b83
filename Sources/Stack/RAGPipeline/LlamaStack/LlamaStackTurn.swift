internal import Foundation
public import Generation
package import VectorStores

/// One turn of an agent of Llama Stack, as its events tell it.
///
/// Moments are those at which events came, in nanoseconds of the caller's clock.
public struct LlamaStackTurn: Sendable {
  /// An inference or a call of a tool.
  public struct Step: Sendable, Equatable {
    public var id: String
    /// `inference`, `tool_execution`, `shield_call`, ….
    public var kind: String
    public var start: UInt64
    /// Nil while it goes on.
    public var end: UInt64?
    /// How long it took by the server's own clock.
    public var seconds: Double?
    /// Whether an inference ended in calls of tools, and its text is no answer.
    public var callsTools = false
  }

  /// What an event means to whoever follows the turn.
  package enum Note: Equatable {
    case toolCall(query: String)
    case text(String)
  }

  public private(set) var steps: [Step] = []
  /// What `knowledge_search` was called with last; nil: it was not.
  public private(set) var query: String?
  /// The arguments as the model wrote them.
  private(set) var arguments = ""
  public private(set) var passages: [Passage] = []
  public private(set) var text = ""
  public private(set) var finishReason = FinishReason.stop
  /// Pieces with text that the answer came in.
  public private(set) var pieces = 0
  public private(set) var firstText: UInt64?
  public private(set) var lastText: UInt64?
  public private(set) var isComplete = false
  /// Text of an inference that may yet end in a call.
  private var held: [(text: String, time: UInt64)] = []
  private var hasSearched = false

  public init() {}

  /// - Throws: `RAGError` where the server says that something failed, and for a turn that waits for its client.
  package mutating func take(_ event: FieldValue, at time: UInt64) throws(RAGError) -> [Note] {
    if let words = LlamaStackAnswer.words(event) {
      let hint = words.contains("An unexpected error occurred") ? "; the server's log says which" : ""
      throw RAGError("Llama Stack broke off the turn: \(words)\(hint)")
    }
    guard let payload = event["event"]?["payload"] else { return [] }
    switch payload["event_type"]?.string {
    case "step_start":
      held = []
      steps.append(Step(id: payload["step_id"]?.string ?? "", kind: payload["step_type"]?.string ?? "", start: time))
      return []
    case "step_progress": return progress(payload, at: time)
    case "step_complete": return complete(payload, at: time)
    case "turn_complete":
      isComplete = true
      // Truer than the sum of the pieces: the server may have taken something out.
      if let message = payload["turn"]?["output_message"] { text = message["content"]?.content ?? text }
      return []
    case "turn_awaiting_input":
      throw RAGError("the turn waits for its client to call a tool; give the agent tools of the server alone")
    default: return []
    }
  }

  private mutating func progress(_ payload: FieldValue, at time: UInt64) -> [Note] {
    guard payload["step_type"]?.string == "inference", let delta = payload["delta"] else { return [] }
    guard delta["type"]?.string != "tool_call" else {
      let call = delta["tool_call"]
      guard delta["parse_status"]?.string == "succeeded", call?["tool_name"]?.string == "knowledge_search" else {
        return []
      }
      arguments = call?["arguments_json"]?.string ?? call?["arguments"]?.json ?? ""
      guard let asked = call?["arguments"]?["query"]?.string else { return [] }
      query = asked
      return [.toolCall(query: asked)]
    }
    guard let piece = delta["text"]?.string, !piece.isEmpty else { return [] }
    if hasSearched { return [take(piece, at: time)] }
    held.append((piece, time))
    return []
  }

  private mutating func complete(_ payload: FieldValue, at time: UInt64) -> [Note] {
    let id = payload["step_id"]?.string
    let details = payload["step_details"]
    guard let place = steps.lastIndex(where: { $0.id == id }) else { return [] }
    steps[place].end = time
    if let began = Self.seconds(details?["started_at"]), let ended = Self.seconds(details?["completed_at"]) {
      steps[place].seconds = ended - began
    }
    switch steps[place].kind {
    case "tool_execution":
      hasSearched = true
      for response in details?["tool_responses"]?.array ?? [] {
        passages += LlamaStackRAGTool.passages(response["metadata"])
      }
      return []
    case "inference":
      let response = details?["model_response"]
      steps[place].callsTools = response?["tool_calls"]?.array?.isEmpty == false
      let pieces = held
      held = []
      guard !steps[place].callsTools else {
        (firstText, lastText, self.pieces, text) = (nil, nil, 0, "")
        return []
      }
      finishReason = response?["stop_reason"]?.string == "out_of_tokens" ? .length : .stop
      return pieces.map { take($0.text, at: $0.time) }
    default: return []
    }
  }

  private mutating func take(_ piece: String, at time: UInt64) -> Note {
    text += piece
    pieces += 1
    if firstText == nil { firstText = time }
    lastText = time
    return .text(piece)
  }

  /// Seconds of a time such as `2026-11-20T04:04:02.111510Z`, whose fraction has as many digits as it likes.
  static func seconds(_ value: FieldValue?) -> Double? {
    guard let text = value?.string, text.utf8.count >= 19,
      let whole = try? Date("\(text.prefix(19))Z", strategy: .iso8601)
    else { return nil }
    let rest = text.dropFirst(19)
    let digits = rest.first == "." ? rest.dropFirst().prefix { $0.isASCII && $0.isNumber } : ""
    return whole.timeIntervalSince1970 + (digits.isEmpty ? 0 : Double("0.\(digits)") ?? 0)
  }

  /// Planning and searching, as far as they have come; what lies between two events of the server counts to the later stage.
  func preparing(from start: UInt64) -> [StageSpan] {
    var spans: [StageSpan] = []
    for step in steps {
      guard let end = step.end else { continue }
      let begin = spans.last?.end ?? start
      if step.kind == "tool_execution" {
        spans.append(StageSpan(.search, start: begin, end: end))
      } else if step.callsTools {
        spans.append(StageSpan(.plan, start: begin, end: end))
      }
    }
    return spans
  }

  /// All stages; `decode` only where there was text.
  package func spans(from start: UInt64, to end: UInt64) -> [StageSpan] {
    let before = preparing(from: start)
    let begin = before.last?.end ?? start
    guard let firstText, let lastText else { return before + [StageSpan(.firstToken, start: begin, end: end)] }
    return before + [
      StageSpan(.firstToken, start: begin, end: max(begin, firstText)),
      StageSpan(.decode, start: max(begin, firstText), end: max(begin, lastText)),
    ]
  }
}
