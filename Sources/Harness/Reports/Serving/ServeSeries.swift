public import RunStore
public import Statistics

/// What the store keeps of a serve case for its plots. Times are in seconds from the beginning of the pass, and nan where the
/// server does not tell.
public struct ServeSeries: Sendable, Equatable {
  /// One rate that a sweep tried.
  public struct Probe: Sendable, Equatable {
    public var rate: Double
    /// Requests a second that kept the service levels.
    public var goodput: Double
  }

  /// A value at moments.
  public struct Line: Sendable, Equatable {
    public var seconds: [Double]
    public var values: [Double]

    var isEmpty: Bool { seconds.isEmpty || !values.contains { $0.isFinite } }
  }

  /// Nanoseconds, of all passes.
  public var ttft = Histogram()
  public var itl = Histogram()
  /// By choice index: how long behind its request's first it finished.
  public var skew: [Histogram] = []
  public var probes: [Probe] = []
  /// Of the first pass: shares of the KV blocks in use; requests that the server runs, and lets wait; requests that the client
  /// has in flight; and output tokens a second.
  public var kv = Line(seconds: [], values: [])
  public var running = Line(seconds: [], values: [])
  public var waiting = Line(seconds: [], values: [])
  public var inFlight = Line(seconds: [], values: [])
  public var tokens = Line(seconds: [], values: [])
  /// Of each request, at the moment at which it was to be sent.
  public var ttftOverTime = Line(seconds: [], values: [])
  /// Between warm-up and drain.
  public var window = 0.0...0.0

  /// - Returns: `nil` for passes that are of no load.
  /// - Throws: `HistogramEncodingError` for bytes that are no histogram.
  public init?(_ passes: [PassRecord]) throws {
    guard let first = passes.first, first.samples["histogram_ttft"] != nil else { return nil }
    for pass in passes {
      if let histogram = try pass.histogram("ttft") { ttft.merge(histogram) }
      if let histogram = try pass.histogram("itl") { itl.merge(histogram) }
      var index = 0
      while let histogram = try pass.histogram("skew_of_\(index)") {
        if index == skew.count { skew.append(Histogram()) }
        skew[index].merge(histogram)
        index += 1
      }
      if let rate = pass.doubles("probe_rate").first, let good = pass.doubles("good_in_window").first {
        let window = pass.doubles("window")
        let seconds = window.count == 2 ? (window[1] - window[0]) / 1e9 : 0
        probes.append(Probe(rate: rate, goodput: seconds > 0 ? good / seconds : .nan))
      }
    }
    probes.sort { $0.rate < $1.rate }
    let ends = first.doubles("window").map { $0 / 1e9 }
    if ends.count == 2, ends[0] <= ends[1] { window = ends[0]...ends[1] }
    kv = first.line("server_kv_usage", at: "server_seconds")
    running = first.line("server_running", at: "server_seconds")
    waiting = first.line("server_waiting", at: "server_seconds")
    inFlight = first.line("client_in_flight", at: "client_seconds")
    ttftOverTime = first.line("request_ttft", at: "request_intended").sorted
    tokens = Self.rates(first.line("client_tokens", at: "client_seconds"))
  }

  /// Growth a second between neighbours, at the later one.
  private static func rates(_ totals: Line) -> Line {
    var rates = Line(seconds: [], values: [])
    for place in totals.seconds.indices.dropFirst() {
      let span = totals.seconds[place] - totals.seconds[place - 1]
      guard span > 0 else { continue }
      rates.seconds.append(totals.seconds[place])
      rates.values.append((totals.values[place] - totals.values[place - 1]) / span)
    }
    return rates
  }
}

extension ServeSeries.Line {
  /// In the order of time.
  fileprivate var sorted: Self {
    let order = seconds.indices.filter { values[$0].isFinite }.sorted { seconds[$0] < seconds[$1] }
    return Self(seconds: order.map { seconds[$0] }, values: order.map { values[$0] })
  }

  /// At most so many points, each the mean of its neighbours.
  func means(of most: Int) -> Self {
    guard seconds.count > most else { return self }
    func means(_ values: [Double]) -> [Double] {
      (0..<most).map { part in
        let some = values[values.count * part / most..<values.count * (part + 1) / most]
        return some.reduce(0, +) / Double(some.count)
      }
    }
    return Self(seconds: means(seconds), values: means(values))
  }
}

extension PassRecord {
  fileprivate func doubles(_ name: String) -> [Double] {
    switch samples[name] {
    case .uint64(let values)?: values.map { Double($0) }
    case .double(let values)?: values
    case .float(let values)?: values.map { Double($0) }
    default: []
    }
  }

  fileprivate func line(_ name: String, at times: String) -> ServeSeries.Line {
    let (seconds, values) = (doubles(times), doubles(name))
    return seconds.count == values.count
      ? ServeSeries.Line(seconds: seconds, values: values) : ServeSeries.Line(seconds: [], values: [])
  }

  fileprivate func histogram(_ name: String) throws -> Histogram? {
    guard case .uint64(let bytes)? = samples["histogram_\(name)"] else { return nil }
    return try Histogram(encoded: bytes.map { UInt8(truncatingIfNeeded: $0) })
  }
}
