package import Statistics

/// Where a server's throughput stops growing with the load, and what stops it.
package struct ServingKnee: Sendable, Equatable {
  package enum Cause: String, Sendable, Equatable, CaseIterable {
    /// The KV memory is full.
    case kv
    /// No more outputs may run at once than do (`max_num_seqs`, slots), and others wait, with KV memory to spare.
    case slots
    /// All that come run, with KV memory to spare, and more of them bring nothing.
    case compute
    /// The server turns requests away.
    case refusals
    /// The client may have been what was measured.
    case client
    /// The server does not tell enough.
    case unknown
  }

  package var axis: KneePoint.Axis
  package var finding: Knee.Finding
  /// Where throughput stops growing.
  package var cause: Cause?
  /// All of it, in a few sentences with their numbers.
  package var sentence: String

  /// Of the blocks: a server whose requests need several at once is full with some to spare.
  private static let full = 0.95
  /// As before, where requests wait.
  private static let fullWhileWaiting = 0.85
  /// Requests that wait, on average, where a line is more than a moment's.
  private static let someWaiting = 0.5
  private static let someRefused = 0.01

  /// - Parameters:
  ///   - points: of one series, whose loads differ and nothing else does.
  ///   - seed: of the interval around the knee.
  package init(_ points: [KneePoint], axis: KneePoint.Axis, seed: UInt64) {
    self.axis = axis
    let points = points.sorted { $0.load < $1.load }
    var random = SplitMix64(seed: seed)
    finding = Knee.find(x: points.map(\.load), y: points.map(\.throughput), using: &random)
    let words = KneeWords(axis: axis)
    switch finding {
    case .unknown: sentence = words.unknown(points)
    case .notReached(let doubling):
      sentence = words.notReached(points, doubling)
      if let doubted = points.last(where: { !$0.doubts.isEmpty }) { sentence += " " + words.doubt(doubted) }
    case .before:
      let cause = points.first.map { Self.cause(at: $0, upTo: points.prefix(1)) } ?? .unknown
      self.cause = cause
      sentence = words.before(points) + (points.first.map { " " + words.cause(cause, $0) } ?? "")
    case .found(let knee):
      let behind = points.first { $0.load > knee.x } ?? points[points.count - 1]
      let cause = Self.cause(at: behind, upTo: points.prefix { $0.load <= behind.load })
      self.cause = cause
      sentence = words.found(knee, points) + " " + words.cause(cause, behind)
      if let before = points.last(where: { $0.load <= knee.x }) { sentence += words.latency(before, behind) }
    }
  }

  /// - Parameter points: those of less load, and the one behind the knee.
  private static func cause(at point: KneePoint, upTo points: ArraySlice<KneePoint>) -> Cause {
    if points.contains(where: { !$0.doubts.isEmpty }) { return .client }
    if point.refusedShare > someRefused { return .refusals }
    let isWaiting = (point.meanWaiting ?? 0) >= someWaiting
    if point.preemptions ?? 0 > 0 || point.peakKVUsage ?? 0 >= full
      || isWaiting && point.meanKVUsage ?? 0 >= fullWhileWaiting
    {
      return .kv
    }
    if isWaiting, point.meanRunning != nil { return .slots }
    return point.peakKVUsage == nil || point.meanWaiting == nil ? .unknown : .compute
  }
}
