import Foundation
import Generation
import Testing

@Suite struct SchedulerPropertyTests {
  /// `RAGMETER_SCHEDULES=10000000 scripts/test --filter SchedulerPropertyTests` draws more of them.
  static let schedules = ProcessInfo.processInfo.environment["RAGMETER_SCHEDULES"].flatMap(Int.init) ?? 100_000

  @Test func everyRandomScheduleKeepsItsPromises() {
    var seen = (copies: 0, preemptions: 0, cached: 0, fragmented: 0, padding: 0, suspensions: 0)
    for seed in 0..<UInt64(Self.schedules) {
      do {
        var schedule = try RandomSchedule(seed: seed)
        do {
          try schedule.run()
          let totals = schedule.scheduler.totals
          seen.copies += totals.copies
          seen.preemptions += totals.preemptions
          seen.cached += totals.cachedPromptTokens
          seen.fragmented += totals.slotsFragmented
          seen.padding += totals.paddingTokens
          seen.suspensions += schedule.suspensions
        } catch {
          Issue.record("seed \(seed), \(schedule.configuration): \(error)")
          return
        }
      } catch {
        Issue.record("seed \(seed): \(error)")
        return
      }
    }
    guard Self.schedules >= 1_000 else { return }
    #expect(
      seen.copies > 0 && seen.preemptions > 0 && seen.cached > 0 && seen.fragmented > 0 && seen.padding > 0
        && seen.suspensions > 0, "the schedules did not reach everything that they are to try: \(seen)")
  }
}
