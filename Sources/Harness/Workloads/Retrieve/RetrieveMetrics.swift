internal import Experiments
internal import RunStore
internal import Statistics

/// The metrics of a retrieve case, from its stored passes alone.
struct RetrieveMetrics {
  private(set) var values: [String: MetricValue] = [:]

  /// - Parameter passes: pass 0 is the stages and the build, the others the repetitions.
  init(passes: [PassRecord], seed: UInt64) {
    let repetitions = passes.filter { $0.number > 0 }
    if let prepared = passes.first(where: { $0.number == 0 }) {
      values = BuildMetrics(builds: [prepared]).values
      stages(prepared)
    }
    if let first = repetitions.first {
      quality(first, seed)
      work(first)
    }
    let rates = repetitions.compactMap { pass in
      pass.numbers("latency").flatMap { calls in pass.number("seconds").map { Double(calls.count) / $0 } }
    }
    values["qps"] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count)
    values.merge(LatencyMetrics.of(repetitions, series: "latency", prefix: "latency")) { $1 }
  }

  private mutating func stages(_ pass: PassRecord) {
    let chunking = pass.numbers("chunk_seconds") ?? []
    values["chunk_seconds"] = MetricValue(
      Descriptive.median(chunking), unit: "s", better: .lower, kind: .timing, n: chunking.count)
    count("chunks", pass)
    values["embed_seconds"] = MetricValue(pass.number("embed_seconds"), unit: "s", better: .lower, kind: .timing)
    let tokens = pass.number("tokens")
    values["tokens_per_second"] = MetricValue(
      tokens.flatMap { tokens in pass.number("embed_seconds").map { tokens / $0 } }, unit: "1/s", better: .higher,
      kind: .timing, reason: tokens == nil ? "the embedder does not count tokens" : nil)
    values["texts_per_second"] = MetricValue(
      pass.number("chunks").flatMap { chunks in pass.number("embed_seconds").map { chunks / $0 } }, unit: "1/s",
      better: .higher, kind: .timing)
    for name in ["tokens", "truncated_tokens", "truncated_chunks", "truncated_questions"] { count(name, pass) }
    values.merge(LatencyMetrics.of([pass], series: "query_embed", prefix: "query_embed_latency")) { $1 }
  }

  private mutating func count(_ name: String, _ pass: PassRecord) {
    let value = pass.number(name)
    values[name] = MetricValue(
      value, unit: "1", better: .none, kind: .count, reason: value == nil ? "the embedder does not count tokens" : nil)
  }

  private mutating func quality(_ pass: PassRecord, _ seed: UInt64) {
    for name in pass.samples.keys.sorted() where RetrievalScores.isQuality(name) {
      let scores = pass.numbers(name) ?? []
      var generator = SplitMix64(seed: seed)
      values[name] = MetricValue(
        Descriptive.mean(scores), unit: "ratio", better: .higher, kind: .quality,
        ci95: Bootstrap.interval(of: scores, .mean, using: &generator)?.bounds, n: scores.count)
    }
  }

  private mutating func work(_ pass: PassRecord) {
    for (series, name) in [("fetched", "chunks_fetched"), ("searches", "searches_per_question")] {
      let counts = pass.numbers(series) ?? []
      values[name] = MetricValue(
        Descriptive.mean(counts), unit: "1", better: .lower, kind: .count, n: counts.count)
    }
    if let distances = pass.number("distances"), let questions = pass.numbers("latency")?.count {
      values["distances_per_query"] = MetricValue(
        distances / Double(questions), unit: "1", better: .lower, kind: .count, n: questions)
    }
  }
}
