import Generation
import GenerationClient
import Instrumentation
import ModelFiles
import Testing
import Workloads

/// Conversations under load.
@Suite struct LoadSessionTests {
  private func messages(_ sent: ScriptedClient.Sent) -> [ChatMessage] {
    if case .messages(let messages) = sent.request.prompt { messages } else { [] }
  }

  @Test func aTurnHoldsTheEarlierOnesAndTheirAnswers() throws {
    let client = ScriptedClient { request, number, _ in
      ScriptedClient.Answer(tokens: [4], text: "answer \(number)")
    }
    let requests = try LoadFixtures.sessions(turns: .fixed(3), thinking: .fixed(seconds: 0.25))
    let result = try LoadRunner(
      client: client, requests: requests, point: LoadFixtures.closed(1, requests: 9), seed: 1
    ).run()
    #expect(result.counts.completed == 9)
    for session in 0..<3 {
      let turns = client.sent[session * 3..<session * 3 + 3].map(messages)
      #expect(
        turns.map { $0.map(\.role) }
          == [1, 3, 5].map { Array(["user", "assistant", "user", "assistant", "user"].prefix($0)) })
      #expect(turns[1].prefix(1) == turns[0][...] && turns[2].prefix(3) == turns[1][...])
      #expect(turns[2][1].content == "answer \(session * 3)" && turns[2][3].content == "answer \(session * 3 + 1)")
      #expect(Set(turns[2].filter { $0.role == "user" }.map(\.content)).count == 3)
    }
    // The text of the last is of no use to anybody.
    #expect(client.sent.map(\.request.keepsText) == [true, true, false, true, true, false, true, true, false])
    // Thinking is between the turns, and the intended moment is behind it.
    for (earlier, later) in zip(client.sent, client.sent.dropFirst()) where messages(later).count > 1 {
      #expect(later.intended == (earlier.ended ?? 0) + 250_000_000 && later.at == later.intended)
    }
  }

  @Test func turnsNeverOverlap() throws {
    var number = 0
    var ends: [String: UInt64] = [:]
    let client = ScriptedClient { request, _, now in
      guard case .messages(let messages) = request.prompt, let first = messages.first?.content else {
        return ScriptedClient.Answer(tokens: [1])
      }
      #expect(now >= ends[first] ?? 0, "a turn was sent before the last answer was there")
      number += 1
      let answer = ScriptedClient.Answer(first: UInt64(number * 7919 % 90) * 1_000_000, tokens: [8])
      ends[first] = now + answer.first + 7 * answer.gap
      return answer
    }
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.sessions(turns: .uniform(1...5), count: 2000),
      point: LoadFixtures.open(.poisson(rate: 40), requests: 1500), seed: 5
    ).run()
    #expect(result.counts.scheduled == 1500 && result.counts.completed == 1500 && client.mostInFlight > 3)
  }

  @Test func aTurnThatFailsEndsItsSession() throws {
    let client = ScriptedClient { request, number, _ in
      number == 4
        ? ScriptedClient.Answer(end: .failed(RequestFailure(.stalled, "silence")), tokens: [])
        : LoadFixtures.eight(request)
    }
    let result = try LoadRunner(
      client: client, requests: LoadFixtures.sessions(turns: .fixed(4)),
      point: LoadFixtures.open(.constant(rate: 5), requests: 40), seed: 1
    ).run()
    #expect(result.counts.scheduled == 40 && result.counts.failed == 1 && result.counts.timedOut == 1)
    #expect(result.counts.dropped >= 1 && result.counts.dropped == result.counts.cancelled)
    #expect(LoadFixtures.isWhole(result.counts))
  }

  @Test func completionsRepeatTheWholeText() throws {
    var shape = RequestShape()
    shape.sessions = SessionShape(turns: .drawn(.fixed(2)))
    shape.prefix = .system(tokens: 4, distinct: 1)
    let requests = try LoadFixtures.requests(
      RequestSource(kind: .drawn(prompt: .fixed(5), output: .fixed(8)), name: "d"), shape)
    let client = ScriptedClient { _, _, _ in ScriptedClient.Answer(tokens: [4], text: " so it is") }
    _ = try LoadRunner(client: client, requests: requests, point: LoadFixtures.closed(1, requests: 2), seed: 1).run()
    guard case .text(let first) = client.sent[0].request.prompt, case .text(let second) = client.sent[1].request.prompt
    else { return #expect(Bool(false), "no texts") }
    #expect(second.hasPrefix(first + " so it is\n\n") && first.split(separator: " ").count == 9)
  }
}
