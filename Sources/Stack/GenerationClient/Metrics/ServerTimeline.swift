/// What a server's samples come to, one beside the other.
public struct ServerTimeline: Sendable, Equatable {
  /// nil: the server does not tell.
  public struct Moment: Sendable, Equatable {
    /// As the sample's.
    public var time: UInt64
    public var kvUsage: Double?
    public var running: Double?
    public var waiting: Double?
    /// Since the first sample.
    public var preemptions: Double?
    /// Of the prompts' tokens that were looked up since the sample before, those that the prefix cache held; nil, too, if
    /// none were.
    public var prefixHitRate: Double?
    /// Since the sample before.
    public var generatedTokensPerSecond: Double?
  }

  /// Of a span of time; nil: the server does not tell, or was not asked in it.
  public struct Summary: Sendable, Equatable {
    public var samples = 0
    public var meanKVUsage: Double?
    public var peakKVUsage: Double?
    public var meanRunning: Double?
    public var peakRunning: Double?
    public var meanWaiting: Double?
    public var peakWaiting: Double?
    public var preemptions: Double?
    public var prefixHitRate: Double?

    public init() {}
  }

  public let moments: [Moment]
  private let samples: [ServerSample]

  /// - Parameter samples: by time.
  public init(_ samples: [ServerSample]) {
    self.samples = samples
    var moments: [Moment] = []
    var preemptions = 0.0
    for (index, sample) in samples.enumerated() {
      let before = index > 0 ? samples[index - 1] : nil
      var moment = Moment(time: sample.time, kvUsage: sample.kvUsage, running: sample.running, waiting: sample.waiting)
      preemptions += Self.growth(before?.preemptions ?? sample.preemptions, sample.preemptions) ?? 0
      moment.preemptions = sample.preemptions.map { _ in preemptions }
      moment.prefixHitRate = before.flatMap { Self.hitRate($0, sample) } ?? sample.prefixCacheHitRate
      if let before, sample.time > before.time {
        moment.generatedTokensPerSecond = Self.growth(before.generationTokens, sample.generationTokens)
          .map { $0 / (Double(sample.time - before.time) / 1e9) }
      }
      moments.append(moment)
    }
    self.moments = moments
  }

  /// - Parameter span: of the samples' clock.
  public func summary(of span: Range<UInt64>) -> Summary {
    var summary = Summary()
    let inside = samples.indices.filter { span.contains(samples[$0].time) }
    guard let first = inside.first, let last = inside.last else { return summary }
    summary.samples = inside.count
    func values(_ field: KeyPath<ServerSample, Double?>) -> [Double] {
      inside.compactMap { samples[$0][keyPath: field] }
    }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    (summary.meanKVUsage, summary.peakKVUsage) = (mean(values(\.kvUsage)), values(\.kvUsage).max())
    (summary.meanRunning, summary.peakRunning) = (mean(values(\.running)), values(\.running).max())
    (summary.meanWaiting, summary.peakWaiting) = (mean(values(\.waiting)), values(\.waiting).max())
    // From the last sample before, so that no step between two samples is lost at the border.
    let steps = max(1, first)..<last + 1
    summary.preemptions = sum(\.preemptions, over: steps)
    if let queries = sum(\.prefixCacheQueries, over: steps), let hits = sum(\.prefixCacheHits, over: steps) {
      summary.prefixHitRate = queries > 0 ? hits / queries : nil
    } else {
      summary.prefixHitRate = mean(values(\.prefixCacheHitRate))
    }
    return summary
  }

  private func sum(_ field: KeyPath<ServerSample, Double?>, over steps: Range<Int>) -> Double? {
    let growths = steps.compactMap { step -> Double? in
      Self.growth(samples[step - 1][keyPath: field], samples[step][keyPath: field])
    }
    return growths.isEmpty ? nil : growths.reduce(0, +)
  }

  private static func hitRate(_ before: ServerSample, _ sample: ServerSample) -> Double? {
    guard let queries = growth(before.prefixCacheQueries, sample.prefixCacheQueries), queries > 0,
      let hits = growth(before.prefixCacheHits, sample.prefixCacheHits)
    else { return nil }
    return hits / queries
  }

  /// A counter that has fallen belongs to a server that began anew.
  private static func growth(_ before: Double?, _ after: Double?) -> Double? {
    guard let before, let after else { return nil }
    return after >= before ? after - before : after
  }
}
