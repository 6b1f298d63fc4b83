internal import Experiments
internal import RunStore
internal import Statistics

/// Measures the cases of one set of requests: loads every model, then lets all cases take turns.
///
/// Each round answers all requests once for every case, in an order of its own, so that a machine that drifts favours none. A
/// simulation comes to the same every time and takes one turn.
final class GenerateRun {
  private let section: GenerateSection
  private let seed: UInt64
  private let recorder: CaseRecorder
  private let engines: [MeasuredGenerator]

  init(group: GeneratePlan.Group, section: GenerateSection, seed: UInt64, recorder: CaseRecorder) {
    self.section = section
    self.seed = seed
    self.recorder = recorder
    engines = group.engines.map { MeasuredGenerator($0, group.set, section: section, recorder: recorder) }
  }

  /// - Throws: what ends the whole run: the store.
  func run() throws {
    // A kill can fall between a case's last pass and its metrics.
    for engine in engines { for one in engine.pending { try finishIfComplete(engine, one) } }
    guard engines.contains(where: { !$0.pending.isEmpty }) else { return }
    defer { for engine in engines { engine.close() } }
    for engine in engines where !engine.pending.isEmpty { recorder.progress.expect(1, "models") }
    for engine in engines {
      recorder.progress.expect(engine.pending.map { passesLeft(engine, $0) }.reduce(0, +), "passes")
    }
    for engine in engines where !engine.pending.isEmpty { try load(engine) }
    for round in 0..<section.warmup { try takeTurns(round: -1 - round, pass: nil) }
    for repetition in 1...section.repetitions { try takeTurns(round: repetition, pass: repetition) }
  }

  private func repetitions(_ engine: MeasuredGenerator) -> Int { engine.choice.isSimulated ? 1 : section.repetitions }

  private func passesLeft(_ engine: MeasuredGenerator, _ one: GenerateCase) -> Int {
    (engine.choice.isSimulated ? 0 : section.warmup) + repetitions(engine)
      - recorder.storedPasses(of: one.planned.id).subtracting([0]).count
  }

  /// Loads a model, and stores what it took, if anything, as pass 0 of every case that has none; if it cannot be had, all
  /// cases fail.
  private func load(_ engine: MeasuredGenerator) throws {
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("models", engine.choice.idParts.joined(separator: " ")) {
        try engine.load()
      }
    } catch {
      recorder.progress.skip(engine.pending.map { passesLeft(engine, $0) }.reduce(0, +), "passes")
      for one in engine.pending {
        engine.drop(one)
        try recorder.fail(one.planned, error)
      }
      return engine.close()
    }
    guard !samples.isEmpty else { return }
    for one in engine.pending where !recorder.storedPasses(of: one.planned.id).contains(0) {
      try recorder.store(pass: PassRecord(number: 0, samples: samples), of: one.planned.id)
    }
  }

  /// One round over all cases that still need this pass.
  private func takeTurns(round: Int, pass: Int?) throws {
    var generator = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15)
    var turns: [(engine: MeasuredGenerator, one: GenerateCase)] = []
    for engine in engines {
      if engine.choice.isSimulated, pass != 1 { continue }
      for one in engine.pending where pass.map({ !recorder.storedPasses(of: one.planned.id).contains($0) }) ?? true {
        turns.append((engine, one))
      }
    }
    turns.shuffle(using: &generator)
    for (engine, one) in turns where !recorder.isFinished(one.planned.id) {
      try take(engine, one, pass: pass)
    }
  }

  private func take(_ engine: MeasuredGenerator, _ one: GenerateCase, pass: Int?) throws {
    let left = passesLeft(engine, one)
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("passes", one.planned.id) {
        try engine.generate(one, isFirst: pass == 1)
      }
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
  private func finishIfComplete(_ engine: MeasuredGenerator, _ one: GenerateCase) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 1...repetitions(engine)) else { return }
    engine.drop(one)
    try recorder.finish(one.planned, metrics: GenerateMetrics(passes: recorder.passes(of: one.planned.id)).values)
  }
}
