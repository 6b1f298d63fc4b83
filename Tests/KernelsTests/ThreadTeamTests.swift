import Kernels
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
  /// Every thread sees what was written in the phases before, and takes places that no other takes.
  @Test(arguments: [1, 2, 3, 5]) func sharesOutPhaseByPhase(threads: Int) throws {
    let team = try #require(ThreadTeam(threads: threads))
    let (phases, places) = (200, 37)
    for _ in 0..<5 {
      let sums = (0..<phases).map { _ in Counter() }
      let faults = Counter()
      let meeting = team.meeting
      let ran = team.run(phases: phases) { thread in
        for phase in 0..<phases {
          func add(_ taken: Range<Int>) {
            for place in taken { sums[phase].value.add(place, ordering: .relaxed) }
          }
          if phase % 2 == 0 {
            meeting.share(phase, of: places, thread: thread, grain: 3, add)
          } else {
            var done = 0
            while let taken = meeting.take(phase, of: places, grain: 2) {
              add(taken)
              done += taken.count
            }
            meeting.finish(phase, of: places, done: done)
          }
          if sums[phase].value.load(ordering: .relaxed) != places * (places - 1) / 2 {
            faults.value.add(1, ordering: .relaxed)
          }
        }
      }
      #expect(ran && faults.value.load(ordering: .relaxed) == 0)
      #expect(sums.allSatisfy { $0.value.load(ordering: .relaxed) == places * (places - 1) / 2 })
    }
  }

  /// The pauses are longer than a thread looks before it sleeps.
  @Test func wakesThreadsThatSleep() throws {
    let team = try #require(ThreadTeam(threads: 3))
    let meeting = team.meeting
    let places = Counter()
    for _ in 0..<200 {
      let ran = team.run(phases: 2) { thread in
        for phase in 0..<2 {
          meeting.share(phase, of: 2, thread: thread, grain: 1) { taken in
            spend(20_000)
            places.value.add(taken.count, ordering: .relaxed)
          }
        }
      }
      #expect(ran)
      spend(20_000)
    }
    #expect(places.value.load(ordering: .relaxed) == 800)
  }

  /// Work that is done by whoever is there: a thread that is kept elsewhere holds nobody up.
  @Test func goesOnWithoutThoseWhoDoNotCome() throws {
    let team = try #require(ThreadTeam(threads: 2))
    let meeting = team.meeting
    let (arrived, finished) = (Counter(), Counter())
    let ran = team.run(phases: 3) { thread in
      if thread == 1 {
        // Goes into the phases only after the other has been through them all.
        while finished.value.load(ordering: .acquiring) == 0 { spend(10) }
      }
      for phase in 0..<3 {
        meeting.share(phase, of: 10, thread: thread, grain: 1) { arrived.value.add($0.count, ordering: .relaxed) }
      }
      if thread == 0 { finished.value.store(1, ordering: .releasing) }
    }
    #expect(ran && arrived.value.load(ordering: .relaxed) == 30)
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
