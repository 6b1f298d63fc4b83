import Testing
import Workloads

/// Polls under a clock of their own: each look takes 1 ms.
@Suite struct VisibilityPollTests {
  private struct Seen: Equatable {
    var poll: VisibilityPoll
    var pauses: [UInt64]
  }

  private func poll(visibleAt: UInt64?, patience: UInt64, lookTakes: UInt64 = 1_000_000) -> Seen {
    var now: UInt64 = 5
    var pauses: [UInt64] = []
    let poll = VisibilityPoll(
      since: 5, patience: patience, now: { now },
      pause: { nanoseconds in
        pauses.append(nanoseconds)
        now += nanoseconds
      },
      look: {
        let begun = now - 5
        now += lookTakes
        return visibleAt.map { begun >= $0 } ?? false
      })
    return Seen(poll: poll, pauses: pauses)
  }

  @Test func whatIsThereAtOnceTakesOneLook() {
    let seen = poll(visibleAt: 0, patience: 0)
    #expect(seen.poll.nanoseconds == 1_000_000)
    #expect(seen.poll.looks == 1)
    #expect(seen.pauses == [])
  }

  @Test(arguments: [3, 40, 700, 12_000]) func aPauseHidesAtMostAFiftieth(milliseconds: UInt64) throws {
    let visible = milliseconds * 1_000_000
    let seen = poll(visibleAt: visible, patience: .max)
    let found = try #require(seen.poll.nanoseconds)
    // A look may begin just before the row is there: its own time comes twice, and one pause.
    #expect(found >= visible + 1_000_000)
    #expect(Double(found) <= Double(visible) * 1.02 + 2_000_000)
    #expect(seen.pauses.allSatisfy { $0 >= 100_000 && $0 <= 10_000_000 })
  }

  @Test func patienceEnds() {
    let seen = poll(visibleAt: nil, patience: 20_000_000)
    #expect(seen.poll.nanoseconds == nil)
    #expect((18...20).contains(seen.poll.looks), "\(seen.poll.looks)")
    #expect(poll(visibleAt: nil, patience: 0).poll.looks == 1, "however short, there is one look")
  }

  @Test func aFailingLookIsTheCallersBusiness() {
    struct Broken: Error {}
    #expect(throws: Broken.self) {
      _ = try VisibilityPoll(since: 0, patience: 1, now: { 0 }, pause: { _ in }, look: { throw Broken() })
    }
  }
}
