import Foundation
import Generation
import GenerationClient
import TestFixtures
import Testing

/// What Llama Stack's OpenAI routes do differently from others.
@Suite struct LlamaStackTests {
  static let error = #"{"error": {"message": "500: Internal server error: An unexpected error occurred."}}"#

  /// Of 0.2.11: no `[DONE]`, members that are null, and an error where the stream's end belongs.
  @Test(arguments: [true, false])
  func takesAWholeStreamForWhole(endsInError: Bool) throws {
    let events = [
      Chunk.delta(#"{"content":"","function_call":null,"role":"assistant","tool_calls":null}"#),
      Chunk.delta(#"{"content":"Low ","role":null,"tool_calls":null}"#),
      Chunk.delta(#"{"content":"rank","role":null,"tool_calls":null}"#),
      Chunk.delta(#"{"content":null,"role":null,"tool_calls":null}"#, finish: "stop"),
    ]
    let server = try FaultServer { _, _ in Chunk.stream(events + (endsInError ? [Self.error] : []), isDone: false) }
    let fixture = try ClientFixture(server, preset: "llama-stack")
    let outcome = try fixture.outcome(ClientFixture.request(endpoint: .chat))
    #expect(outcome.status == .completed && outcome.attempts == 1)
    #expect(outcome.choices[0].text == "Low rank" && outcome.choices[0].finishReason == "stop")
    #expect(outcome.counting == .chunks && outcome.choices[0].tokens == 2 && outcome.promptTokens == nil)
    #expect(server.requests[0].path == "/v1/openai/v1/chat/completions")
  }

  /// With outputs that have not ended, an error is one.
  @Test(arguments: [[0: "stop"], [:]])
  func failsWhereAnOutputIsMissing(finished: [Int: String]) throws {
    let events = (0..<2).map { Chunk.delta(#"{"content":"Low"}"#, index: $0, finish: finished[$0]) }
    let server = try FaultServer { _, _ in Chunk.stream(events + [Self.error], isDone: false) }
    let outcome = try ClientFixture(server, preset: "llama-stack").outcome(
      ClientFixture.request(n: 2, endpoint: .chat))
    guard case .failed(let failure) = outcome.status else {
      Issue.record("\(outcome.status)")
      return
    }
    #expect(failure.kind == .stream)
    #expect(failure.description == "the server says: 500: Internal server error: An unexpected error occurred.")
  }

  /// The transcript of a real server, 0.2.12.
  @Test func readsTheStreamOfARealServer() throws {
    guard let folder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"] else {
      print("skipped: RAGMETER_REFERENCE names no folder of transcripts")
      return
    }
    let text = try String(contentsOfFile: "\(folder)/llama-stack/llamastack-curl.txt", encoding: .utf8)
    let transcript = try #require(text.components(separatedBy: ">>> ").first { $0.contains("\"stream\":true") })
    let events = transcript.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    try #require(events.count == 6 && events[5] == Self.error)
    let server = try FaultServer { _, _ in Chunk.stream(events, isDone: false) }
    let outcome = try ClientFixture(server, preset: "llama-stack").outcome(ClientFixture.request(endpoint: .chat))
    #expect(outcome.status == .completed && outcome.choices[0].text == "word0 word1 word2 ")
    #expect(outcome.choices[0].tokens == 3 && outcome.choices[0].finishReason == "stop")
  }
}
