import Testing
import Workloads

@Suite struct ClientVerdictTests {
  private let sound = ClientVerdict.Conduct(
    scheduled: 1000, late: 10, lagP99: 0.0009, ttftP50: 0.02, busyShare: 0.5)

  @Test func aClientWithTimeToSpareIsNoDoubt() {
    #expect(ClientVerdict.doubts(sound) == [])
    let unknown = ClientVerdict.Conduct(scheduled: 0, late: 0, lagP99: nil, ttftP50: nil, busyShare: nil)
    #expect(ClientVerdict.doubts(unknown) == [])
  }

  @Test func aFewRequestsShowNoTail() {
    var few = ClientVerdict.Conduct(scheduled: 22, late: 1, lagP99: 0.004, ttftP50: 0.02, busyShare: 0.1)
    #expect(ClientVerdict.doubts(few) == [])
    few.late = 2
    #expect(ClientVerdict.doubts(few).count == 1)
  }

  @Test func everyDoubtSaysWhatItRestsOn() {
    var late = sound
    late.late = 23
    #expect(
      ClientVerdict.doubts(late) == [
        "2.3 % of the arrivals were sent more than 1 ms late, and at most 1 % may be; lower the rate"
      ])
    var lagging = sound
    lagging.lagP99 = 0.00251
    #expect(
      ClientVerdict.doubts(lagging) == [
        "the p99 of the schedule's lag is 2.51 ms, more than 10 % of the median TTFT of 20.0 ms; lower the rate"
      ])
    var busy = sound
    busy.busyShare = 0.97
    #expect(
      ClientVerdict.doubts(busy) == [
        "the client's loop was busy for 97 % of the time, and at most 90 % leave the clock to the server; lower the load"
      ])
  }
}
