import Foundation
import Generation
import RAGPipeline
import TestFixtures
import Testing
import VectorStores

@Suite struct TurnTests {
  /// Takes events at 10, 20, 30, ….
  static func turn(_ events: [String]) throws -> (LlamaStackTurn, [LlamaStackTurn.Note]) {
    var turn = LlamaStackTurn()
    var notes: [LlamaStackTurn.Note] = []
    for (number, event) in events.enumerated() {
      notes += try turn.take(FieldValue(json: event), at: UInt64(number + 1) * 10)
    }
    return (turn, notes)
  }

  @Test func tellsStagesApart() throws {
    let (turn, notes) = try Self.turn(TurnEvent.whole)
    #expect(notes == [.toolCall(query: "lora rank"), .text("Low "), .text("rank.")])
    #expect(turn.isComplete && turn.query == "lora rank" && turn.text == "Low rank." && turn.pieces == 2)
    #expect(turn.firstText == 90 && turn.lastText == 100 && turn.finishReason == .stop)
    #expect(turn.passages.map(\.document) == ["guide", "faq"] && turn.passages.map(\.distance) == [0.75, 0.5])
    #expect(turn.passages.map(\.text) == ["Low rank.", "What is it?"])
    #expect(turn.steps.map(\.kind) == ["inference", "tool_execution", "inference"])
    #expect(turn.steps.map(\.start) == [10, 50, 70] && turn.steps.map(\.end) == [40, 60, 110])
    #expect(turn.steps.allSatisfy { abs(($0.seconds ?? 0) - 0.25025) < 1e-6 })
    // Nothing lies between two stages.
    #expect(
      turn.spans(from: 5, to: 130) == [
        StageSpan(.plan, start: 5, end: 40), StageSpan(.search, start: 40, end: 60),
        StageSpan(.firstToken, start: 60, end: 90), StageSpan(.decode, start: 90, end: 100),
      ])
  }

  /// What a model says before it calls a tool is no answer; one that calls none has answered.
  @Test func holdsBackWhatMayBeAPlan() throws {
    let (planned, first) = try Self.turn(
      [
        TurnEvent.start("inference", "a"), TurnEvent.text("Let me see.", "a"),
        TurnEvent.inferred("", "a", query: "x"),
      ])
    #expect(first.isEmpty && planned.text.isEmpty && planned.pieces == 0 && planned.firstText == nil)
    let (direct, second) = try Self.turn(
      [
        TurnEvent.start("inference", "a"), TurnEvent.text("It ", "a"), TurnEvent.text("is.", "a"),
        TurnEvent.inferred("It is.", "a", stop: "out_of_tokens"), TurnEvent.turnComplete("It is."),
      ])
    #expect(second == [.text("It "), .text("is.")] && direct.query == nil && direct.finishReason == .length)
    // The moments are those at which the text came, not those at which it was told.
    #expect(
      direct.spans(from: 0, to: 50) == [
        StageSpan(.firstToken, start: 0, end: 20), StageSpan(.decode, start: 20, end: 30),
      ])
    #expect(LlamaStackTurn().spans(from: 1, to: 2) == [StageSpan(.firstToken, start: 1, end: 2)])
  }

  @Test func searchesAgain() throws {
    let (turn, _) = try Self.turn(
      [
        TurnEvent.start("inference", "a"), TurnEvent.call("x", "a"), TurnEvent.inferred("", "a", query: "x"),
        TurnEvent.start("tool_execution", "b"), TurnEvent.searched("x", "b", found: [("one", "1")]),
        TurnEvent.start("inference", "c"), TurnEvent.text("Hm.", "c"), TurnEvent.call("y", "c"),
        TurnEvent.inferred("", "c", query: "y"),
        TurnEvent.start("tool_execution", "d"), TurnEvent.searched("y", "d", found: [("two", "2")]),
        TurnEvent.start("inference", "e"), TurnEvent.text("2", "e"), TurnEvent.inferred("2", "e"),
        TurnEvent.turnComplete("2"),
      ])
    #expect(turn.query == "y" && turn.passages.map(\.document) == ["one", "two"] && turn.text == "2")
    #expect(turn.pieces == 1 && turn.firstText == 130)
    #expect(
      turn.spans(from: 0, to: 150).map(\.stage) == [.plan, .search, .plan, .search, .firstToken, .decode])
  }

  @Test func endsWhereTheServerSays() throws {
    #expect(
      throws: RAGError(
        "Llama Stack broke off the turn: 500: Internal server error: An unexpected error occurred.; the server's log says which"
      )
    ) { try Self.turn([TurnEvent.start("inference", "a"), TurnEvent.error]) }
    #expect(throws: RAGError.self) {
      try Self.turn([#"{"event":{"payload":{"event_type":"turn_awaiting_input","turn":{}}}}"#])
    }
  }

  /// Members that are missing or of another kind, and events that nobody knows.
  @Test func passesOverWhatItDoesNotKnow() throws {
    let (turn, notes) = try Self.turn([
      "{}", "null", #"{"event":null}"#, #"{"event":{"payload":{"event_type":"turn_start"}}}"#,
      #"{"event":{"payload":{"event_type":"step_progress","step_type":"inference","delta":{"type":"image"}}}}"#,
      #"{"event":{"payload":{"event_type":"step_complete","step_id":"nobody"}}}"#,
      #"{"event":{"payload":{"event_type":"step_start"}}}"#, #"{"event":{"payload":{"event_type":"turn_complete"}}}"#,
      TurnEvent.searched("x", "", found: []),
    ])
    #expect(notes.isEmpty && turn.isComplete && turn.text.isEmpty && turn.passages.isEmpty)
  }

  /// The turn of the tutorial's client, 0.2.12.
  @Test func readsARealTurn() throws {
    guard let wire = try ReplayTranscript.reference("llama-stack/llamastack_wire.jsonl") else { return }
    let exchange = try #require(wire.first { $0.path.hasSuffix("/turn") })
    let events = exchange.body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: ") }
    let (turn, notes) = try Self.turn(events.map { String($0.dropFirst(6)) })
    #expect(turn.isComplete && turn.query == "torchtune lora" && turn.passages.count == 5)
    #expect(turn.pieces == 64 && turn.text.hasPrefix("word0 word1 ") && notes.count == 65)
    #expect(turn.passages[0].distance == 0.49112624 && turn.passages.allSatisfy { !$0.text.isEmpty })
    #expect(turn.steps.map(\.kind) == ["inference", "tool_execution", "inference"])
    let seconds = turn.steps.compactMap(\.seconds)
    #expect(zip(seconds, [0.046407, 0.167434, 0.749258]).allSatisfy { abs($0 - $1) < 1e-5 }, "\(seconds)")
  }
}
