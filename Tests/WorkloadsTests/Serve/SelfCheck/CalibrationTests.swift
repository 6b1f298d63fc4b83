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
      // On a machine with other work, a step may end before a request that began in its window has.
      if let ttft = step.ttftP50, let e2e = step.e2eP50 { #expect(ttft > 0 && ttft <= e2e, "\(step.name)") }
    }
    #expect(result.floor.streams == 1)
    #expect((2...40).contains(result.streams.streams) && (2...40).contains(result.sustained.streams))
    #expect(result.steps.filter { $0.lagP99 != nil }.allSatisfy { $0.name == result.half.name })
    #expect(result.cpuPerToken > 0)
  }
}
