/// What the client can do on this machine, and what it adds to every figure: measured against a server that generates nothing.
package struct CalibrationResult: Sendable {
  /// One load that the null server was put under.
  package struct Step: Sendable {
    /// "requests of one token", ….
    package var name: String
    /// Tokens of each answer.
    package var tokens: Int
    package var requestsPerSecond: Double
    package var tokensPerSecond: Double
    /// The most streams that were open at once.
    package var streams: Int
    /// Seconds; nil where nothing came.
    package var ttftP50: Double?
    package var ttftP99: Double?
    package var e2eP50: Double?
    package var e2eP99: Double?
    /// Behind the schedule, of an open loop; nil: of a closed one, which has none.
    package var lagP99: Double?
    /// Share of the arrivals that were sent more than a millisecond late.
    package var lateShare: Double
    /// Processor time of the client's thread over wall time.
    package var busyShare: Double
    /// Seconds of the client's thread for each request.
    package var cpuPerRequest: Double
    /// How late the null server's tokens ever were, in seconds.
    package var serverDelay: Double
    package var failed: Int
    /// Why the client would have been what a run like this measures.
    package var doubts: [String]

    /// Whether the client had time to spare, so that it can do more than this.
    package var isLowerBound: Bool { busyShare < ClientVerdict.mostBusy }
  }

  /// One request at a time, answered at once: the least latency that is ever seen.
  package var floor: Step
  /// As many requests as the client can, of one token each.
  package var requests: Step
  /// As many tokens as the client can read, of as many streams as it was asked for.
  package var streams: Step
  /// Half of the rate of `sustained`, on a schedule: how well it is kept.
  package var half: Step
  /// As many requests of a few tokens as the client can, with as many streams open.
  package var sustained: Step
  package var openStreams: Int

  package var steps: [Step] { [floor, requests, streams, sustained, half] }

  /// Seconds of the client's thread for each token behind a request's first.
  package var cpuPerToken: Double {
    max(0, streams.cpuPerRequest - requests.cpuPerRequest) / Double(max(1, streams.tokens - requests.tokens))
  }

  /// Whether a schedule of half the ceiling is kept.
  package var isSound: Bool { half.doubts.isEmpty && steps.allSatisfy { $0.failed == 0 } }
}
