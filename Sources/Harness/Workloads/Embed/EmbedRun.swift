internal import Embedders
internal import Experiments
internal import RunStore
internal import Statistics

/// Measures the cases of one set of texts: loads every model, then lets all cases take turns.
///
/// Each round embeds all texts once for every case, in an order of its own, so that a machine that drifts favours none.
final class EmbedRun {
  private let group: EmbedPlan.Group
  private let section: EmbedSection
  private let seed: UInt64
  private let recorder: CaseRecorder
  private let engines: [MeasuredEmbedder]
  /// By the specification of the embedder that made it.
  private var references: [EmbedderSpecification: EmbeddingReference] = [:]

  init(group: EmbedPlan.Group, section: EmbedSection, seed: UInt64, recorder: CaseRecorder) {
    self.group = group
    self.section = section
    self.seed = seed
    self.recorder = recorder
    engines = group.engines.map {
      MeasuredEmbedder($0, recorder: recorder, make: section.resources.embeddingEngine)
    }
  }

  /// - Throws: what ends the whole run: the store.
  func run() throws {
    // A kill can fall between a case's last pass and its metrics.
    for engine in engines { for one in engine.pending { try finishIfComplete(engine, one) } }
    guard engines.contains(where: { !$0.pending.isEmpty }) else { return }
    defer { for engine in engines { engine.close() } }
    for engine in engines where !engine.pending.isEmpty { recorder.progress.expect(1, "models") }
    for engine in engines { recorder.progress.expect(engine.pending.map(passesLeft).reduce(0, +), "passes") }
    for engine in engines where !engine.pending.isEmpty { try load(engine) }
    for round in 0..<section.warmup { try takeTurns(round: -1 - round, pass: nil) }
    for repetition in 1...section.repetitions { try takeTurns(round: repetition, pass: repetition) }
  }

  private func passesLeft(_ one: EmbedCase) -> Int {
    section.warmup + section.repetitions - recorder.storedPasses(of: one.planned.id).subtracting([0]).count
  }

  /// Loads a model, and stores what it took as pass 0 of every case that has none; if it cannot be had, all cases fail.
  private func load(_ engine: MeasuredEmbedder) throws {
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("models", engine.choice.idParts.joined(separator: " ")) {
        try engine.load(try reference(of: engine.choice))
      }
    } catch {
      recorder.progress.skip(engine.pending.map(passesLeft).reduce(0, +), "passes")
      for one in engine.pending {
        engine.drop(one)
        try recorder.fail(one.planned, error)
      }
      return engine.close()
    }
    for one in engine.pending where !recorder.storedPasses(of: one.planned.id).contains(0) {
      try recorder.store(pass: PassRecord(number: 0, samples: samples), of: one.planned.id)
    }
  }

  /// The same embedder without a stated precision, which is float32.
  private func reference(of choice: EmbeddingEngineChoice) throws -> EmbeddingReference {
    var specification = EmbedderSpecification(kind: choice.model)
    if case .inTree(let embedder) = choice.source { specification = embedder.specification }
    specification.parameters["precision"] = nil
    if let known = references[specification] { return known }
    let made = try EmbeddingReference(
      group.texts, by: section.resources.embedder(specification, section.resources.cores))
    references[specification] = made
    return made
  }

  /// One round over all cases that still need this pass.
  private func takeTurns(round: Int, pass: Int?) throws {
    var generator = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15)
    var turns: [(engine: MeasuredEmbedder, one: EmbedCase)] = []
    for engine in engines {
      for one in engine.pending where pass.map({ !recorder.storedPasses(of: one.planned.id).contains($0) }) ?? true {
        turns.append((engine, one))
      }
    }
    turns.shuffle(using: &generator)
    for (engine, one) in turns where !recorder.isFinished(one.planned.id) {
      try take(engine, one, pass: pass)
    }
  }

  private func take(_ engine: MeasuredEmbedder, _ one: EmbedCase, pass: Int?) throws {
    let left = passesLeft(one)
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("passes", one.planned.id) { try measured(engine, one, isFirst: pass == 1) }
    } catch {
      recorder.progress.skip(left, "passes")
      engine.drop(one)
      return try recorder.fail(one.planned, error)
    }
    guard let pass else { return }
    try recorder.store(pass: PassRecord(number: pass, samples: samples), of: one.planned.id)
    try finishIfComplete(engine, one)
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ engine: MeasuredEmbedder, _ one: EmbedCase) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 0...section.repetitions) else { return }
    engine.drop(one)
    let metrics = EmbedMetrics(passes: try recorder.passes(of: one.planned.id), seed: seed).values
    try recorder.finish(one.planned, metrics: metrics)
  }

  private func measured(_ engine: MeasuredEmbedder, _ one: EmbedCase, isFirst: Bool) throws -> [String: Samples] {
    let reference = try reference(of: engine.choice)
    let pass = try engine.embed(reference.texts, batch: one.batch)
    try pass.check(texts: reference.texts.count, batch: one.batch)
    var samples: [String: Samples] = [
      "latency": .uint64(pass.latencies), "seconds": .double([pass.seconds]),
      "texts": .uint64([UInt64(reference.texts.count)]),
    ]
    if let tokens = reference.texts.tokens { samples["tokens"] = .uint64([UInt64(tokens.ids.count)]) }
    if let truncated = reference.truncatedTexts { samples["truncated_texts"] = .uint64([UInt64(truncated)]) }
    if let seconds = pass.tokenizeSeconds { samples["tokenize_seconds"] = .double([seconds]) }
    if let padded = pass.paddedTokens { samples["padded_tokens"] = .uint64([UInt64(padded)]) }
    if let differing = pass.differingTexts { samples["differing_texts"] = .uint64([UInt64(differing)]) }
    if isFirst, let cosines = try reference.cosines(of: pass) {
      samples["cosine"] = .double(cosines)
      samples["worst_texts"] = .int64(Self.worst(cosines))
    }
    return samples
  }

  /// The texts furthest from the reference, furthest first, at most ten.
  private static func worst(_ cosines: [Double]) -> [Int64] {
    cosines.indices.sorted { (cosines[$0], $0) < (cosines[$1], $1) }.prefix(10).map(Int64.init)
  }
}
