internal import Experiments
internal import Instrumentation

/// One row of a serve workload: a server under one load.
package struct ServeCase: Sendable {
  var planned: PlannedCase
  var load: LoadChoice
  /// Outputs of a prompt.
  var n: Int
  /// Whether each output is asked for by a request of its own.
  var isSplit: Bool
  /// Share of the KV memory above which admissions wait.
  var ceiling: Double?
  /// Of its prompts: different for every case of a server, so that none finds another's in the prefix cache.
  var seed: UInt64

  /// "serve/short/ragmeter/smollm2-135m/kv_policy=paged/n=3/concurrency=16"; "n=3,split", "n=1,kv_ceiling=0.9" where that is so.
  package static func id(
    section: String, source: String, server: ServerChoice, n: Int, isSplit: Bool, ceiling: Double?, load: String
  ) -> String {
    var conditions = ["n=\(n)"]
    if isSplit { conditions.append("split") }
    if let ceiling { conditions.append("kv_ceiling=\(LoadChoice.number(ceiling))") }
    return ([section, source] + server.idParts + [conditions.joined(separator: ","), load]).joined(separator: "/")
  }

  /// How the load is put, at a rate of its own in a sweep.
  func point(_ section: ServeSection, arrivals: [Double]?, rate: Double? = nil) -> LoadPoint {
    let pattern: LoadPoint.Pattern =
      switch load.pattern {
      case .closed(let concurrency): .closed(concurrency: concurrency)
      case .open(let process): .open(process)
      case .trace: .open(.recorded(arrivals ?? []))
      case .sweep(let sweep): .open(sweep.arrivals.atRate(rate ?? sweep.rates.lowerBound))
      }
    var stop = section.stop
    stop.requests = load.requests ?? (load.seconds == nil ? stop.requests : nil)
    stop.seconds = load.seconds ?? (load.requests == nil ? stop.seconds : nil)
    if stop.requests == nil, stop.seconds == nil, !load.isTrace {
      stop.requests = stop.precision == nil ? ServeSection.defaultRequests : nil
    }
    var point = LoadPoint(pattern: pattern, n: n, stop: stop)
    point.splitsOutputs = isSplit
    point.warmup = section.warmup
    // Who measures the beginning too compares with those who measure everything.
    point.cutsDrain = section.warmup > 0
    point.drainSeconds = section.drainSeconds
    point.levels = section.levels
    point.kvCeiling = ceiling
    point.thinking = load.thinking
    return point
  }
}
