/// A server's `/metrics`, understood.
public struct ServerPage: Sendable {
  /// "vLLM", "SGLang", "TGI", "llama.cpp"; nil: none of the names is known.
  public private(set) var family: String?
  public private(set) var sample: ServerSample
  /// What the server does not tell, in words.
  public private(set) var missing: [String]
  public private(set) var cacheConfiguration: KVCacheConfiguration?
  /// Lines that could not be read: how many, and the first of them, as sentences.
  public private(set) var problemCount: Int
  public private(set) var problems: [String]

  /// - Parameter time: of the sample; see `ServerSample`.
  /// - Complexity: O(bytes).
  public init(_ bytes: [UInt8], time: UInt64) {
    let text = PrometheusText(bytes, where: ServerMetricNames.isWanted)
    var byName: [String: [PrometheusText.Series]] = [:]
    for series in text.series where Self.counts(series) {
      byName[ServerMetricNames.plain(series.name), default: []].append(series)
    }
    sample = ServerSample(time: time)
    problemCount = text.problemCount
    problems = text.problems.map(\.description)
    for names in ServerMetricNames.all {
      for source in names.sources {
        guard let found = source.names.lazy.compactMap({ byName[$0] }).first else { continue }
        family = family ?? names.family
        guard family == names.family else { continue }
        let sum = found.reduce(0) { $0 + $1.value }
        let value = source.joining == .sum ? sum : sum / Double(found.count)
        if value.isFinite { sample[keyPath: source.field] = value }
      }
    }
    missing = ServerMetricNames.fields.compactMap { [sample] in sample[keyPath: $0.field] == nil ? $0.name : nil }
    if sample.prefixCacheHits == nil, sample.prefixCacheHitRate == nil { missing.append(ServerMetricNames.prefixCache) }
    cacheConfiguration = KVCacheConfiguration(byName)
  }

  /// SGLang tells the same for every rank of a model that is cut over several devices, and parts of the sum by priority.
  private static func counts(_ series: PrometheusText.Series) -> Bool {
    ["tp_rank", "pp_rank", "moe_ep_rank"].allSatisfy { [nil, "", "0"].contains(series[$0]) }
      && [nil, ""].contains(series["priority"])
  }
}
