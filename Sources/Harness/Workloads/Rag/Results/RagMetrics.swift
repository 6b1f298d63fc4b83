internal import Experiments
internal import RunStore
internal import Statistics

/// The metrics of a rag case, from its stored passes alone.
struct RagMetrics {
  private(set) var values: [String: MetricValue] = [:]
  private let repetitions: [PassRecord]
  private let topK: Int
  private let seed: UInt64

  /// - Parameter passes: pass 0 is filling the store and the null load, the others the repetitions.
  init(passes: [PassRecord], topK: Int, prices: RagPrices?, seed: UInt64) {
    repetitions = passes.filter { $0.number > 0 }
    self.topK = topK
    self.seed = seed
    latencies()
    throughput()
    counts()
    quality()
    changes()
    if repetitions.contains(where: { $0.samples["insert_latency"] != nil }) { inserts() }
    if let prepared = passes.first(where: { $0.number == 0 }) { preparation(prepared) }
    if let prices { cost(prices) }
  }

  private static let quantiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]

  /// All values of a series over the repetitions, those that are missing left out.
  private func all(_ name: String) -> [Double] {
    repetitions.flatMap { $0.numbers(name) ?? [] }.filter(\.isFinite)
  }

  /// Quantiles of a series in seconds; one beyond the largest of n values says nothing that the largest does not.
  private mutating func add(
    _ name: String, _ series: [Double], _ wanted: [String] = ["p50", "p95", "p99"], missing: String
  ) {
    let sorted = series.sorted()
    for (word, q) in Self.quantiles where wanted.contains(word) {
      let needed = Int((1 / (1 - q)).rounded())
      let isKnown = sorted.count >= (word == "p50" ? 1 : needed)
      values["\(name)_\(word)"] = MetricValue(
        isKnown ? Quantile.value(q, ofSorted: sorted) : nil, unit: "s", better: .lower, kind: .timing,
        ci95: isKnown ? Quantile.interval(q, ofSorted: sorted)?.certainBounds : nil, n: sorted.count,
        reason: isKnown ? nil : sorted.isEmpty ? missing : "\(sorted.count) questions; at least \(needed) are needed")
    }
  }

  private mutating func latencies() {
    for name in ["ttft", "e2e"] { add(name, all(name), missing: "no answer had a token") }
    for name in ["wait", "retrieve"] {
      add(name, all(name), ["p50", "p99"], missing: "the system does not tell its stages")
    }
    add("tpot", all("tpot"), ["p50"], missing: "no answer had two tokens")
    // What a case does not go through, such as an agent's planning, has no rows at all.
    for name in repetitions.first?.samples.keys.sorted() ?? [] where name.hasPrefix("stage_") {
      add(name, all(name), name.hasSuffix("_start") ? ["p50"] : ["p50", "p95", "p99"], missing: "")
    }
  }

  private func rates(_ name: String, over seconds: String) -> [Double] {
    repetitions.compactMap { pass in
      guard let number = pass.number(name), let time = pass.number(seconds), time > 0 else { return nil }
      return number / time
    }
  }

  private mutating func rate(_ name: String, _ rates: [Double]) {
    values[name] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count,
      reason: rates.isEmpty ? "no pass took any time" : nil)
  }

  private mutating func throughput() {
    rate("questions_per_second", rates("answered", over: "seconds"))
    rate("output_tokens_per_second", rates("answered_tokens", over: "seconds"))
    let failed = repetitions.flatMap { $0.numbers("failed") ?? [] }
    values["failed"] = MetricValue(
      failed.reduce(0, +), unit: "1", better: .lower, kind: .count, n: failed.count)
  }

  private mutating func counts() {
    for name in [
      "prompt_tokens", "context_tokens", "output_tokens", "passages", "cut_passages", "duplicate_passages",
    ] {
      let numbers = all(name)
      values[name] = MetricValue(
        Descriptive.mean(numbers), unit: "1", better: .none, kind: .count, n: numbers.count,
        reason: numbers.isEmpty ? "nobody here counts them" : nil)
    }
    let (prompt, cached) = (all("prompt_tokens"), all("cached_tokens"))
    values["prefix_hit_share"] = MetricValue(
      prompt.isEmpty ? nil : cached.reduce(0, +) / prompt.reduce(0, +), unit: "ratio", better: .higher, kind: .timing,
      n: prompt.count, reason: prompt.isEmpty ? "nobody here counts the tokens of prompts" : nil)
  }

  private static func isQuality(_ name: String) -> Bool {
    let scores = ["exact_match", "answer_f1", "rouge_l", "context_overlap"]
    return scores.contains { name == $0 || name == "\($0)_best" } || RetrievalScores.isQuality(name)
      || name.hasPrefix("chunk_recall@")
  }

  /// Of the first repetition: the others ask the same.
  private mutating func quality() {
    guard let first = repetitions.first else { return }
    for name in first.samples.keys.sorted() where Self.isQuality(name) {
      let scores = (first.numbers(name) ?? []).filter(\.isFinite)
      values[name] = mean(scores, better: .higher)
    }
  }

  private func mean(_ scores: [Double], better: MetricValue.Direction) -> MetricValue {
    var generator = SplitMix64(seed: seed)
    return MetricValue(
      Descriptive.mean(scores), unit: "ratio", better: better, kind: .quality,
      ci95: Bootstrap.interval(of: scores, .mean, using: &generator)?.bounds, n: scores.count)
  }

  /// Answers that are not those over the exact index; beside it the same of questions with the very same prompt, where only the
  /// generator can have made the difference.
  private mutating func changes() {
    guard let first = repetitions.first, let changed = first.numbers("changed"),
      let same = first.numbers("same_prompt")
    else {
      for name in ["answers_changed", "answers_changed_same_prompt"] {
        values[name] = MetricValue(
          nil, unit: "ratio", better: .lower, kind: .quality, n: 0,
          reason: "there are no answers over the exact index to hold these against")
      }
      return
    }
    values["answers_changed"] = mean(changed.filter(\.isFinite), better: .lower)
    let equal = zip(changed, same).filter { $0.isFinite && $1 == 1 }.map(\.0)
    values["answers_changed_same_prompt"] =
      equal.isEmpty
      ? MetricValue(
        nil, unit: "ratio", better: .lower, kind: .quality, n: 0,
        reason: "no question had the prompt of the exact index")
      : mean(equal, better: .lower)
  }

  private mutating func inserts() {
    let found = all("freshness")
    let missing = "no document was seen in a search before the questions were through"
    add("freshness", found, ["p50", "p99"], missing: missing)
    values["freshness_max"] = MetricValue(
      found.max(), unit: "s", better: .lower, kind: .timing, n: found.count, reason: found.isEmpty ? missing : nil)
    add("insert_latency", all("insert_latency"), missing: "nothing was inserted")
    let inserted = repetitions.compactMap { pass -> Double? in
      guard let count = pass.numbers("insert_latency")?.count, let seconds = pass.number("live_seconds"), seconds > 0
      else { return nil }
      return Double(count) / seconds
    }
    rate("inserts_per_second", inserted)
    values["unseen_inserts"] = MetricValue(
      all("unseen").reduce(0, +), unit: "1", better: .lower, kind: .count, n: repetitions.count)
  }

  private mutating func preparation(_ pass: PassRecord) {
    for name in ["chunk_seconds", "embed_seconds", "insert_seconds", "optimize_seconds"] {
      values[name] = MetricValue(pass.number(name), unit: "s", better: .lower, kind: .timing)
    }
    values["disk_bytes"] = MetricValue(
      pass.number("disk_bytes"), unit: "B", better: .lower, kind: .size,
      reason: pass.number("disk_bytes") == nil ? "the store cannot tell" : nil)
    add("null_e2e", pass.numbers("null_e2e") ?? [], ["p50", "p99"], missing: "the null load was not run")
    let seconds = pass.number("null_seconds") ?? 0
    let answered = pass.number("null_answered") ?? 0
    values["null_questions_per_second"] = MetricValue(
      seconds > 0 ? answered / seconds : nil, unit: "1/s", better: .higher, kind: .timing, n: Int(answered))
  }

  private mutating func cost(_ prices: RagPrices) {
    let money = values["questions_per_second"]?.value.flatMap { rate in
      rate > 0
        ? prices.perThousandQuestions(
          questionsPerSecond: rate, promptTokens: values["prompt_tokens"]?.value,
          outputTokens: values["output_tokens"]?.value) : nil
    }
    values["cost_per_1000_questions"] = MetricValue(
      money, unit: "money", better: .lower, kind: prices.machineHour == nil ? .count : .timing, n: repetitions.count,
      reason: money == nil ? "a price is given for tokens that nobody counts" : nil)
  }
}
