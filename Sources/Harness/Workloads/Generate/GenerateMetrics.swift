internal import Generation
internal import RunStore
internal import Statistics

/// The metrics of a generate case, from its stored passes alone.
struct GenerateMetrics {
  private(set) var values: [String: MetricValue] = [:]
  private let repetitions: [PassRecord]
  /// What a clock told, or what a simulation came to.
  private let timing: MetricValue.Kind

  /// - Parameter passes: pass 0 is the loading, the others the repetitions.
  init(passes: [PassRecord]) {
    repetitions = passes.filter { $0.number > 0 }
    let isVirtual = repetitions.contains { $0.number("wall_seconds") != nil }
    timing = isVirtual ? .count : .timing
    speed()
    memory()
    if isVirtual { median("simulation_speedup", rates("seconds", over: "wall_seconds"), unit: "×", kind: .timing) }
    if let load = passes.first(where: { $0.number == 0 }) { loading(load) }
  }

  private mutating func speed() {
    median("output_tokens_per_second", rates("output_tokens", over: "seconds"), unit: "1/s")
    median("requests_per_second", rates("requests", over: "seconds"), unit: "1/s")
    for phase in ["prefill", "decode"] {
      median(
        "\(phase)_tokens_per_second", rates("\(phase)_tokens", over: "\(phase)_seconds"), unit: "1/s",
        missing: phase == "prefill"
          ? "the engine cannot tell" : "every step computed prompts, or the engine cannot tell")
    }
    median("pass_seconds", repetitions.compactMap { $0.number("seconds") }, unit: "s", better: .lower)
    count("prompt_tokens", unit: "1", better: .none)
    count("output_tokens", unit: "1", better: .none)
    let ratios = rates("generated_tokens", over: "output_tokens")
    if let ratio = ratios.first {
      values["padding_ratio"] = MetricValue(ratio, unit: "ratio", better: .lower, kind: .count, n: ratios.count)
    }
  }

  private mutating func memory() {
    for (name, better) in [
      ("mean_batch", MetricValue.Direction.higher), ("kv_utilization", .none), ("kv_waste", .lower),
      ("kv_waste_internal", .lower), ("kv_waste_reserved", .lower), ("kv_waste_external", .lower),
      ("kv_shared_fraction", .none), ("kv_saved_by_sharing", .higher),
    ] {
      count(name, unit: name == "mean_batch" ? "1" : "ratio", better: better)
    }
    count("kv_saved_by_sharing_analytic", unit: "ratio", better: .none)
    count("copies", unit: "1", better: .lower)
    count("preemptions", unit: "1", better: .lower)
    count("cached_prompt_tokens", unit: "1", better: .none)
    count("peak_kv_bytes", unit: "B", better: .lower)
    count("kv_budget_bytes", unit: "B", better: .none)
  }

  private func rates(_ name: String, over seconds: String) -> [Double] {
    repetitions.compactMap { pass in
      guard let number = pass.number(name), let time = pass.number(seconds), time > 0 else { return nil }
      return number / time
    }
  }

  private mutating func median(
    _ name: String, _ numbers: [Double], unit: String, better: MetricValue.Direction = .higher,
    kind: MetricValue.Kind? = nil, missing: String? = nil
  ) {
    let kind = kind ?? timing
    values[name] = MetricValue(
      Descriptive.median(numbers), unit: unit, better: better, kind: kind,
      ci95: kind == .count ? nil : Quantile.medianInterval(of: numbers)?.certainBounds, n: numbers.count,
      reason: numbers.isEmpty ? missing : nil)
  }

  /// The same in every pass.
  private mutating func count(_ name: String, unit: String, better: MetricValue.Direction) {
    guard let number = repetitions.lazy.compactMap({ $0.number(name) }).first else { return }
    values[name] = MetricValue(number, unit: unit, better: better, kind: .count, n: 1)
  }

  private mutating func loading(_ pass: PassRecord) {
    if let seconds = pass.number("load_seconds") {
      values["load_seconds"] = MetricValue(seconds, unit: "s", better: .lower, kind: .timing)
    }
    guard let bytes = pass.number("private_bytes") else { return }
    values["private_bytes"] = MetricValue(bytes, unit: "B", better: .lower, kind: .size)
  }
}

extension GenerationPass {
  /// As series of a stored pass.
  func samples(of requests: GenerationRequests) -> [String: Samples] {
    var samples: [String: Samples] = [
      "seconds": .double([seconds]), "requests": .uint64([UInt64(requests.requests.count)]),
      "prompt_tokens": .uint64([UInt64(requests.promptTokens)]),
      "output_tokens": .uint64([UInt64(requests.outputTokens)]),
    ]
    if let wallSeconds { samples["wall_seconds"] = .double([wallSeconds]) }
    if let generatedTokens { samples["generated_tokens"] = .uint64([UInt64(generatedTokens)]) }
    for (name, phase) in [("prefill", prefill), ("decode", decode)] {
      guard let phase else { continue }
      samples["\(name)_tokens"] = .uint64([UInt64(phase.tokens)])
      samples["\(name)_seconds"] = .double([phase.seconds])
    }
    guard let memory else { return samples }
    let numbers = [
      "mean_batch": memory.meanBatch, "kv_utilization": memory.utilization, "kv_waste": memory.waste,
      "kv_waste_internal": memory.internalWaste, "kv_waste_reserved": memory.reservedWaste,
      "kv_waste_external": memory.externalWaste,
      "kv_shared_fraction": memory.sharedFraction, "kv_saved_by_sharing": memory.savedBySharing,
      "kv_saved_by_sharing_analytic": SharingCurve.savedShare(of: requests.requests, blockSize: memory.blockSize),
      "copies": Double(memory.totals.copies), "preemptions": Double(memory.totals.preemptions),
      "cached_prompt_tokens": Double(memory.totals.cachedPromptTokens),
      "peak_kv_bytes": Double(memory.totals.peakBlocksUsed * memory.bytesPerBlock),
      "kv_budget_bytes": Double(memory.blocks * memory.bytesPerBlock),
    ]
    return samples.merging(numbers.mapValues { .double([$0]) }) { $1 }
  }
}

extension KVTimeline {
  /// As series of a stored pass, by which reports draw it.
  var samples: [String: Samples] {
    [
      "timeline_seconds": .double(points.map(\.seconds)), "timeline_used": .double(points.map(\.used)),
      "timeline_stored": .double(points.map(\.stored)),
    ]
  }
}
