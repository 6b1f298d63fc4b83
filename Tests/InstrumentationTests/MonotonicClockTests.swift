import Instrumentation
import Testing

struct MonotonicClockTests {
  @Test func itNeverRunsBackwards() {
    var last = MonotonicClock.now()
    for _ in 0..<100_000 {
      let now = MonotonicClock.now()
      #expect(now >= last)
      last = now
    }
  }

  @Test func itsCostIsMeasured() {
    #expect(MonotonicClock.cost(rounds: 3) > 0)
    #expect(MonotonicClock.seconds(from: 5, to: 1_500_000_005) == 1.5)
  }
}
