import GenerationClient
import Testing
import Workloads

/// The client against the null server, by the very driver that loads real ones.
@Suite struct CalibrationTests {
  @Test(arguments: ClientRequest.Endpoint.allCases)
  func everyStepMeasuresSomething(endpoint: ClientRequest.Endpoint) throws {
    var notes: [String] = []
    let result = try Calibration(seconds: 0.2, streams: 40, endpoint: endpoint).run { notes.append($0) }
    #expect(notes == result.steps.map(\.name))
    for step in result.steps {
      #expect(step.failed == 0, "\(step.name)")
      #expect(step.requestsPerSecond > 0 && step.tokensPerSecond > 0, "\(step.name)")
      #expect(step.cpuPerRequest > 0 && step.busyShare > 0, "\(step.name)")
      let ttft = try #require(step.ttftP50)
      #expect(ttft > 0 && ttft <= (step.e2eP50 ?? 0) && ttft <= (step.ttftP99 ?? 0), "\(step.name)")
      // Tokens of requests that ended outside the window are a few at either end.
      #expect(step.tokensPerSecond > step.requestsPerSecond * Double(step.tokens) / 2, "\(step.name)")
    }
    #expect(result.floor.streams == 1)
    #expect(result.streams.streams == 40)
    #expect(result.sustained.streams == 40)
    #expect(result.half.requestsPerSecond < result.sustained.requestsPerSecond)
    #expect(result.half.lagP99 != nil && result.sustained.lagP99 == nil)
    #expect(result.cpuPerToken > 0 && result.cpuPerToken < result.requests.cpuPerRequest)
  }
}
