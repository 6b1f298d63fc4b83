import Generation
import GenerationClient
import Workloads

/// A client and its server in one, on a clock that only events move.
final class ScriptedClient: LoadClient {
  /// What comes of a request.
  struct Answer {
    enum End {
      case completed
      case failed(RequestFailure)
      case never
    }

    var end = End.completed
    /// Nanoseconds to the first token, and from one to the next.
    var first: UInt64 = 10_000_000
    var gap: UInt64 = 1_000_000
    /// Of each output.
    var tokens: [Int]
    /// Nanoseconds by which the request goes out late.
    var lag: UInt64 = 0
    var text = "answer"
    var promptTokens: Int?
    var attempts = 1
  }

  struct Sent {
    var request: ClientRequest
    var intended: UInt64
    var at: UInt64
    var ended: UInt64?
  }

  private struct Event {
    var time: UInt64
    var order: Int
    var action: () -> Void
  }

  private(set) var now: UInt64 = 5_000_000_000
  private(set) var sent: [Sent] = []
  private(set) var inFlight = 0
  private(set) var mostInFlight = 0
  /// Whether every request that was sent is kept to be looked at.
  var remembers = true
  private var sentCount = 0
  private var events: [Event] = []
  private var nextOrder = 0
  private let answer: (ClientRequest, _ number: Int, _ now: UInt64) -> Answer

  init(_ answer: @escaping (ClientRequest, _ number: Int, _ now: UInt64) -> Answer) { self.answer = answer }

  func at(_ time: UInt64, _ action: @escaping () -> Void) {
    events.append(Event(time: max(time, now), order: nextOrder, action: action))
    nextOrder += 1
    var place = events.count - 1
    while place > 0, isBefore(events[place], events[(place - 1) / 2]) {
      events.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private func isBefore(_ a: Event, _ b: Event) -> Bool { (a.time, a.order) < (b.time, b.order) }

  private func pop() -> Event? {
    guard let last = events.popLast() else { return nil }
    guard let first = events.first else { return last }
    events[0] = last
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < events.count }
      guard let least = children.min(by: { isBefore(events[$0], events[$1]) }), isBefore(events[least], events[place])
      else { return first }
      events.swapAt(place, least)
      place = least
    }
  }

  private final class Request {
    var finished: ((RequestOutcome) -> Void)?
    init(_ finished: @escaping (RequestOutcome) -> Void) { self.finished = finished }
  }

  func send(
    _ request: ClientRequest, intended: UInt64, progress: ((LoadProgress) -> Void)?,
    finished: @escaping (RequestOutcome) -> Void
  ) -> () -> Void {
    let place = sentCount
    sentCount += 1
    if remembers { sent.append(Sent(request: request, intended: intended, at: now)) }
    inFlight += 1
    mostInFlight = max(mostInFlight, inFlight)
    let answer = answer(request, place, now)
    let begun = now + answer.lag
    let state = Request(finished)
    let outputs = request.sampling.n
    func end(_ outcome: RequestOutcome) {
      guard let finished = state.finished else { return }
      state.finished = nil
      inFlight -= 1
      if remembers { sent[place].ended = now }
      finished(outcome)
    }
    func outcome(_ status: RequestOutcome.Status) -> RequestOutcome {
      var outcome = RequestOutcome(status: status, intended: intended, ended: now, outputs: outputs)
      outcome.sent = begun
      outcome.attempts = answer.attempts
      outcome.promptTokens = answer.promptTokens
      return outcome
    }
    switch answer.end {
    case .never: break
    case .failed(let failure): at(begun + answer.first) { end(outcome(.failed(failure))) }
    case .completed:
      let longest = answer.tokens.max() ?? 0
      for output in 0..<outputs where progress != nil {
        for token in 0..<answer.tokens[output] {
          let piece = LoadProgress(output: output, tokens: 1, hasEnded: token + 1 == answer.tokens[output])
          at(begun + answer.first + UInt64(token) * answer.gap) { if state.finished != nil { progress?(piece) } }
        }
      }
      at(begun + answer.first + UInt64(max(0, longest - 1)) * answer.gap) {
        var outcome = outcome(.completed)
        outcome.counting = .ids
        for output in 0..<outputs where answer.tokens[output] > 0 {
          let tokens = answer.tokens[output]
          let last = begun + answer.first + UInt64(tokens - 1) * answer.gap
          outcome.choices[output].tokens = tokens
          outcome.choices[output].chunks = tokens
          outcome.choices[output].firstToken = begun + answer.first
          outcome.choices[output].lastToken = last
          outcome.choices[output].finished = last
          outcome.choices[output].gaps = Array(repeating: .init(nanoseconds: answer.gap, tokens: 1), count: tokens - 1)
          if request.keepsText { outcome.choices[output].text = answer.text }
        }
        end(outcome)
      }
    }
    return { end(outcome(.cancelled)) }
  }

  func run(until isDone: () -> Bool) {
    while !isDone() {
      guard let event = pop() else { return }
      now = max(now, event.time)
      event.action()
    }
  }
}
