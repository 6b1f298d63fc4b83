internal import GenerationClient
package import RunStore
internal import Statistics

/// A pass as the series that the store keeps, and back: whatever is told of a load is told from these alone.
///
/// Histograms are kept as their encoded bytes, a byte a number; moments as seconds from the beginning of the pass. What a
/// server does not tell is nan.
extension LoadResult {
  private static var histograms: [(name: String, path: WritableKeyPath<LoadResult, Histogram>)] {
    [
      ("ttft", \.ttft), ("e2e", \.e2e), ("service_ttft", \.serviceTTFT), ("service_e2e", \.serviceE2E), ("itl", \.itl),
      ("itl_per_token", \.itlPerToken), ("tpot", \.tpot), ("finish_skew", \.finishSkew),
      ("schedule_lag", \.scheduleLag), ("held_back", \.heldBack),
    ]
  }

  private static var tallies: [(name: String, path: WritableKeyPath<LoadResult, Int>)] {
    [
      ("scheduled", \.counts.scheduled), ("completed", \.counts.completed), ("failed", \.counts.failed),
      ("cancelled", \.counts.cancelled), ("timed_out", \.counts.timedOut), ("late", \.counts.late),
      ("dropped", \.counts.dropped), ("retried", \.counts.retried), ("completed_in_window", \.completedInWindow),
      ("good_in_window", \.goodInWindow), ("arrived_in_window", \.arrivedInWindow), ("kept_levels", \.keptLevels),
      ("wanted_prompt_tokens", \.wantedPromptTokens), ("counted_prompt_tokens", \.countedPromptTokens),
      ("output_tokens", \.outputTokens), ("prompt_tokens", \.promptTokens),
      ("chunks", \.chunks),
    ]
  }

  private static var serverValues: [(name: String, path: WritableKeyPath<ServerSample, Double?>)] {
    [
      ("kv_usage", \.kvUsage), ("running", \.running), ("waiting", \.waiting), ("preemptions", \.preemptions),
      ("prefix_queries", \.prefixCacheQueries), ("prefix_hits", \.prefixCacheHits),
      ("prefix_hit_rate", \.prefixCacheHitRate), ("prompt_tokens", \.promptTokens),
      ("generation_tokens", \.generationTokens),
    ]
  }

  private static var requestTimes: [(name: String, path: WritableKeyPath<Request, Float>)] {
    [
      ("intended", \.intended), ("ttft", \.ttft), ("tpot", \.tpot), ("e2e", \.e2e),
    ]
  }

  package var samples: [String: Samples] {
    var samples: [String: Samples] = [
      "window": .uint64([window.lowerBound, window.upperBound]), "client_cpu_seconds": .double([clientCPUSeconds]),
      "wall_seconds": .double([wallSeconds]), "counting": Self.text(counting.rawValue),
      "doubts": Self.text(doubts.joined(separator: "\n")), "remarks": Self.text(remarks.joined(separator: "\n")),
      "request_prompt_tokens": .uint64(requests.map { UInt64($0.promptTokens) }),
      "request_output_tokens": .uint64(requests.map { UInt64($0.outputTokens) }),
      "missing_metrics": Self.text(missingMetrics.joined(separator: "\n")),
    ]
    for (name, path) in Self.tallies { samples[name] = .uint64([UInt64(self[keyPath: path])]) }
    for (name, path) in Self.histograms { samples["histogram_\(name)"] = Self.encoded(self[keyPath: path]) }
    for (index, histogram) in skewByIndex.enumerated() {
      samples["histogram_skew_of_\(index)"] = Self.encoded(histogram)
    }
    for (name, path) in Self.requestTimes { samples["request_\(name)"] = .float(requests.map { $0[keyPath: path] }) }
    if let abandoned { samples["abandoned"] = Self.text(abandoned) }
    if let cachedPromptTokens { samples["cached_prompt_tokens"] = .uint64([UInt64(cachedPromptTokens)]) }
    let failures = counts.failures.sorted { $0.key < $1.key }
    samples["failure_kinds"] = Self.text(failures.map(\.key).joined(separator: "\n"))
    samples["failure_counts"] = .uint64(failures.map { UInt64($0.value) })
    samples["client_seconds"] = .double(clientTimeline.map { Double($0.time) / 1e9 })
    samples["client_in_flight"] = .uint64(clientTimeline.map { UInt64($0.inFlight) })
    samples["client_tokens"] = .uint64(clientTimeline.map { UInt64($0.tokens) })
    samples["server_seconds"] = .double(serverTimeline.map { (Double($0.time) - Double(began)) / 1e9 })
    for (name, path) in Self.serverValues where serverTimeline.contains(where: { $0[keyPath: path] != nil }) {
      samples["server_\(name)"] = .double(serverTimeline.map { $0[keyPath: path] ?? .nan })
    }
    return samples
  }

  /// The pass that `samples` were made of; it begins at zero.
  ///
  /// - Throws: `HistogramEncodingError` for bytes that are no histogram.
  package init(_ pass: PassRecord) throws {
    self.init()
    for (name, path) in Self.tallies { self[keyPath: path] = Int(pass.number(name) ?? 0) }
    for (name, path) in Self.histograms {
      if let histogram = try Self.histogram(pass.samples["histogram_\(name)"]) { self[keyPath: path] = histogram }
    }
    while let histogram = try Self.histogram(pass.samples["histogram_skew_of_\(skewByIndex.count)"]) {
      skewByIndex.append(histogram)
    }
    if case .uint64(let ends)? = pass.samples["window"], ends.count == 2, ends[0] <= ends[1] {
      window = ends[0]..<ends[1]
    }
    clientCPUSeconds = pass.number("client_cpu_seconds") ?? 0
    wallSeconds = pass.number("wall_seconds") ?? 0
    cachedPromptTokens = pass.number("cached_prompt_tokens").map { Int($0) }
    counting = TokenCounting(rawValue: Self.text(pass.samples["counting"])) ?? .chunks
    doubts = Self.lines(pass.samples["doubts"])
    remarks = Self.lines(pass.samples["remarks"])
    abandoned = pass.samples["abandoned"].map { Self.text($0) }
    readRequests(pass)
    missingMetrics = Self.lines(pass.samples["missing_metrics"])
    counts.failures = Dictionary(
      zip(Self.lines(pass.samples["failure_kinds"]), (pass.numbers("failure_counts") ?? []).map { Int($0) }),
      uniquingKeysWith: +)
    let flights = zip(pass.numbers("client_in_flight") ?? [], pass.numbers("client_tokens") ?? [])
    clientTimeline = zip(pass.numbers("client_seconds") ?? [], flights).map { seconds, flight in
      Moment(time: UInt64(max(0, seconds) * 1e9), inFlight: Int(flight.0), tokens: Int(flight.1))
    }
    serverTimeline = (pass.numbers("server_seconds") ?? []).map { ServerSample(time: UInt64(max(0, $0) * 1e9)) }
    for (name, path) in Self.serverValues {
      for (place, value) in zip(serverTimeline.indices, pass.numbers("server_\(name)") ?? []) where !value.isNaN {
        serverTimeline[place][keyPath: path] = value
      }
    }
  }

  private mutating func readRequests(_ pass: PassRecord) {
    let tokens = zip(pass.numbers("request_prompt_tokens") ?? [], pass.numbers("request_output_tokens") ?? [])
    requests = tokens.map { prompt, output in
      Request(
        intended: .nan, ttft: .nan, tpot: .nan, e2e: .nan, promptTokens: UInt32(prompt), outputTokens: UInt32(output))
    }
    for (name, path) in Self.requestTimes {
      guard case .float(let values)? = pass.samples["request_\(name)"] else { continue }
      for (place, value) in zip(requests.indices, values) { requests[place][keyPath: path] = value }
    }
  }

  private static func encoded(_ histogram: Histogram) -> Samples { .uint64(histogram.encoded.map { UInt64($0) }) }

  private static func histogram(_ samples: Samples?) throws -> Histogram? {
    guard case .uint64(let bytes)? = samples else { return nil }
    return try Histogram(encoded: bytes.map { UInt8(truncatingIfNeeded: $0) })
  }

  private static func text(_ text: String) -> Samples { .uint64(text.utf8.map { UInt64($0) }) }

  private static func text(_ samples: Samples?) -> String {
    guard case .uint64(let bytes)? = samples else { return "" }
    return String(decoding: bytes.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }

  private static func lines(_ samples: Samples?) -> [String] {
    text(samples).split(separator: "\n").map(String.init)
  }
}
