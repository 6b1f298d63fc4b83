internal import Statistics

/// Whether a run measured the server, or the client that measured it.
package enum ClientVerdict {
  /// What a client did beside receiving, in the measured window.
  package struct Conduct: Sendable, Equatable {
    /// Requests that the schedule wanted sent.
    package var scheduled: Int
    /// Those of them that were sent more than a millisecond behind the schedule, by no fault of an admission ceiling.
    package var late: Int
    /// 99th percentile of the delay behind the schedule, in seconds; nil where nothing was scheduled.
    package var lagP99: Double?
    /// Median time to the first token, in seconds; nil where no token came.
    package var ttftP50: Double?
    /// CPU time of the client's loop over wall time; nil where it is not known.
    package var busyShare: Double?

    package init(scheduled: Int, late: Int, lagP99: Double?, ttftP50: Double?, busyShare: Double?) {
      self.scheduled = scheduled
      self.late = late
      self.lagP99 = lagP99
      self.ttftP50 = ttftP50
      self.busyShare = busyShare
    }
  }

  /// One in a hundred: then the schedule's tail is the client's, and a p99 tells of it. A single one among twenty does not show
  /// that so many are: the share must be larger by the 95 % interval that the count leaves.
  package static let mostLate = 0.01
  /// Requests without which there is no p99.
  package static let fewestForTail = 100
  /// Of the median time to the first token that may be the client's own delay.
  package static let mostLag = 0.1
  /// A loop that is busier makes events wait for each other, however fast the server is.
  package static let mostBusy = 0.9

  /// Why the client may have been what was measured, one sentence each; empty: the run is valid.
  package static func doubts(_ conduct: Conduct) -> [String] {
    var doubts: [String] = []
    if conduct.scheduled > 0 {
      let share = Double(conduct.late) / Double(conduct.scheduled)
      if Proportion.interval(conduct.late, of: conduct.scheduled).lower > mostLate {
        doubts.append(
          "\(percent(share)) of the arrivals were sent more than 1 ms late, and at most \(percent(mostLate)) may be; "
            + "lower the rate")
      }
    }
    if conduct.scheduled >= fewestForTail, let lag = conduct.lagP99, let ttft = conduct.ttftP50, lag > mostLag * ttft {
      doubts.append(
        "the p99 of the schedule's lag is \(milliseconds(lag)), more than \(percent(mostLag)) of the median TTFT of "
          + "\(milliseconds(ttft)); lower the rate")
    }
    if let busy = conduct.busyShare, busy > mostBusy {
      doubts.append(
        "the client's loop was busy for \(percent(busy)) of the time, and at most \(percent(mostBusy)) leave the clock "
          + "to the server; lower the load")
    }
    return doubts
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
  }

  private static func milliseconds(_ seconds: Double) -> String {
    "\((seconds * 1e5).rounded() / 100) ms"
  }
}
