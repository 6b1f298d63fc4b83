package import Instrumentation

/// One load of a section's `load`, as the spec states it.
package struct LoadChoice: Sendable, Hashable {
  package enum Pattern: Sendable, Hashable {
    /// So many requests are always under way.
    case closed(concurrency: Int)
    case open(ArrivalProcess)
    /// Arrivals and lengths of a trace; its seconds are multiplied by `timeScale`.
    case trace(source: String, timeScale: Double)
    /// A search for the highest rate at which requests keep the service levels.
    case sweep(Sweep)
  }

  package struct Sweep: Sendable, Hashable {
    /// Requests a second between which the rate is looked for.
    package var rates: ClosedRange<Double>
    /// Of the requests, how many must keep the levels.
    package var share: Double
    /// How near the highest rate that is sustained and the lowest that is not must come, as a share of the former.
    package var precision: Double
    /// The law of arrivals, at a rate of 1.
    package var arrivals: ArrivalProcess
  }

  package var pattern: Pattern
  /// As ids and tables write it: "concurrency=16", "rate=4", "rate=4,arrivals=constant", "ramp=1-8", "trace=azure-code".
  package var name: String
  /// Instead of the section's.
  package var requests: Int?
  package var seconds: Double?
  /// Of a closed loop, between an answer and the next request.
  package var thinking = Pause.none

  package init(_ pattern: Pattern, name: String, requests: Int? = nil, seconds: Double? = nil) {
    self.pattern = pattern
    self.name = name
    self.requests = requests
    self.seconds = seconds
  }

  var isTrace: Bool { if case .trace = pattern { true } else { false } }
  var isSweep: Bool { if case .sweep = pattern { true } else { false } }

  /// "concurrency", "rate", "ramp", "trace" or "sweep", with its value, and the law of arrivals where they have one.
  package var labels: [String: String] {
    switch pattern {
    case .closed(let concurrency): ["load": name, "concurrency": "\(concurrency)"]
    case .open(let process): ["load": name, "rate": Self.number(process.rate), "arrivals": process.law]
    case .trace(let source, _): ["load": name, "trace": source]
    case .sweep(let sweep): ["load": name, "arrivals": sweep.arrivals.law]
    }
  }

  static func number(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
  }
}

extension ArrivalProcess {
  /// "poisson", "constant", "gamma:burstiness=0.5", "ramp", "recorded".
  package var law: String {
    switch self {
    case .constant: "constant"
    case .poisson: "poisson"
    case .gamma(_, let burstiness): "gamma:burstiness=\(LoadChoice.number(burstiness))"
    case .ramp: "ramp"
    case .recorded: "recorded"
    }
  }
}
