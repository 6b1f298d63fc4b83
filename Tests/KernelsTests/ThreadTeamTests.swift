import Kernels
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
  /// Every thread sees what all wrote before a barrier, and takes places that no other takes.
  @Test(arguments: [1, 2, 3, 5]) func meetsAndSharesOut(threads: Int) throws {
    let team = try #require(ThreadTeam(threads: threads))
    let (rounds, places) = (200, 37)
    for _ in 0..<5 {
      let sums = (0..<rounds).map { _ in Counter() }
      let faults = Counter()
      let meeting = team.meeting
      team.run { _ in
        for round in 0..<rounds {
          while true {
            let place = meeting.take(3)
            guard place < places else { break }
            for each in place..<min(places, place + 3) { sums[round].value.add(each, ordering: .relaxed) }
          }
          meeting.wait()
          if sums[round].value.load(ordering: .relaxed) != places * (places - 1) / 2 {
            faults.value.add(1, ordering: .relaxed)
          }
          meeting.wait()
        }
      }
      #expect(faults.value.load(ordering: .relaxed) == 0)
      #expect(sums.allSatisfy { $0.value.load(ordering: .relaxed) == places * (places - 1) / 2 })
    }
  }

  /// The pauses are longer than a thread looks before it sleeps.
  @Test func wakesThreadsThatSleep() throws {
    let team = try #require(ThreadTeam(threads: 3))
    let meeting = team.meeting
    let seen = Counter()
    for _ in 0..<200 {
      team.run { thread in
        if thread == 1 { spend(20_000) }
        meeting.wait()
        if thread == 0 { spend(20_000) }
        meeting.wait()
        seen.value.add(1, ordering: .relaxed)
      }
      spend(20_000)
    }
    #expect(seen.value.load(ordering: .relaxed) == 600)
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }

  @inline(never)
  private func spend(_ rounds: Int) {
    let counter = Counter()
    for _ in 0..<rounds { counter.value.add(1, ordering: .relaxed) }
  }
}
