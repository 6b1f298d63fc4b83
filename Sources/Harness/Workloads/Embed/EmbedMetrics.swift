internal import RunStore
internal import Statistics

/// The metrics of an embed case, from its stored passes alone.
struct EmbedMetrics {
  private(set) var values: [String: MetricValue] = [:]

  /// - Parameter passes: pass 0 is the loading, the others the repetitions.
  init(passes: [PassRecord], seed: UInt64) {
    let repetitions = passes.filter { $0.number > 0 }
    rate("tokens_per_second", repetitions, of: "tokens", missing: "the embedder counts no tokens")
    rate("texts_per_second", repetitions, of: "texts", missing: nil)
    tokenizing(repetitions)
    values.merge(LatencyMetrics.of(repetitions, series: "latency", prefix: "latency")) { $1 }
    cosine(repetitions, seed)
    counts(repetitions)
    if let load = passes.first(where: { $0.number == 0 }) { loading(load) }
  }

  private mutating func rate(_ name: String, _ passes: [PassRecord], of series: String, missing: String?) {
    let rates = passes.compactMap { pass in
      pass.number(series).flatMap { count in pass.number("seconds").map { count / $0 } }
    }
    median(name, rates, unit: "1/s", better: .higher, missing: missing)
  }

  /// Tokenising and then embedding, as one after the other takes.
  private mutating func tokenizing(_ passes: [PassRecord]) {
    let missing = "the embedder does not tokenise apart from embedding"
    median(
      "tokenize_seconds", passes.compactMap { $0.number("tokenize_seconds") }, unit: "s", better: .lower,
      missing: missing)
    let rates = passes.compactMap { pass -> Double? in
      guard let texts = pass.number("texts"), let seconds = pass.number("seconds"),
        let tokenizing = pass.number("tokenize_seconds")
      else { return nil }
      return texts / (seconds + tokenizing)
    }
    median("texts_per_second_with_tokenizing", rates, unit: "1/s", better: .higher, missing: missing)
  }

  private mutating func median(
    _ name: String, _ numbers: [Double], unit: String, better: MetricValue.Direction, missing: String?
  ) {
    values[name] = MetricValue(
      Descriptive.median(numbers), unit: unit, better: better, kind: .timing,
      ci95: Quantile.medianInterval(of: numbers)?.certainBounds, n: numbers.count,
      reason: numbers.isEmpty ? missing : nil)
  }

  private mutating func cosine(_ passes: [PassRecord], _ seed: UInt64) {
    guard let cosines = passes.first?.numbers("cosine") else {
      for name in ["cosine_mean", "cosine_min"] {
        values[name] = MetricValue(
          nil, unit: "ratio", better: .higher, kind: .quality, n: 0, reason: "there is no float32 to compare with")
      }
      return
    }
    var generator = SplitMix64(seed: seed)
    let interval = Bootstrap.interval(of: cosines, .mean, using: &generator)
    values["cosine_mean"] = MetricValue(
      Descriptive.mean(cosines), unit: "ratio", better: .higher, kind: .quality, ci95: interval?.bounds,
      n: cosines.count)
    values["cosine_min"] = MetricValue(
      cosines.min(), unit: "ratio", better: .higher, kind: .quality, n: cosines.count)
  }

  private mutating func counts(_ passes: [PassRecord]) {
    guard let pass = passes.first, let texts = pass.number("texts") else { return }
    for name in ["truncated_texts", "differing_texts"] {
      guard let count = pass.number(name) else { continue }
      values[name] = MetricValue(count, unit: "1", better: .lower, kind: .count, n: Int(texts))
    }
    guard let tokens = pass.number("tokens") else { return }
    values["tokens_per_text"] = MetricValue(tokens / texts, unit: "1", better: .none, kind: .count, n: Int(texts))
    guard let padded = pass.number("padded_tokens") else { return }
    values["padding_ratio"] = MetricValue(padded / tokens, unit: "ratio", better: .lower, kind: .count, n: Int(texts))
  }

  private mutating func loading(_ pass: PassRecord) {
    values["load_seconds"] = MetricValue(pass.number("load_seconds"), unit: "s", better: .lower, kind: .timing)
    let bytes = pass.number("private_bytes")
    values["private_bytes"] = MetricValue(
      bytes, unit: "B", better: .lower, kind: .size,
      reason: bytes == nil ? "the system does not tell a process's private memory" : nil)
  }
}
