internal import Datasets
internal import Experiments
internal import Foundation
internal import RunStore
internal import Statistics

/// An insert section with its data.
struct InsertPlan: WorkloadPlan {
  struct Group: Sendable {
    var dataset: VectorDataset
    var cases: [InsertCase]
  }

  let section: InsertSection
  let groups: [Group]
  let seed: UInt64

  var cases: [PlannedCase] { groups.flatMap { $0.cases.map(\.planned) } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.dataset.name, $0.dataset.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All data at once, and one engine at a time.
  var memory: Int {
    groups.map { MemoryEstimate.bytes(of: $0.dataset) }.reduce(0, +)
      + (groups.flatMap { group in group.cases.map { MemoryEstimate.bytes(of: $0.engine, on: group.dataset) } }.max()
        ?? 0)
  }

  /// Every round builds each case once, in an order of its own.
  func run(_ recorder: CaseRecorder) throws {
    for group in groups {
      for one in group.cases where !recorder.isFinished(one.planned.id) {
        recorder.progress.expect(section.repetitions - recorder.storedPasses(of: one.planned.id).count, "builds")
      }
      for repetition in 1...section.repetitions {
        var generator = SplitMix64(seed: seed &+ UInt64(repetition))
        for one in group.cases.shuffled(using: &generator) {
          try build(one, repetition, group.dataset, recorder)
        }
      }
    }
  }

  private func build(_ one: InsertCase, _ repetition: Int, _ dataset: VectorDataset, _ recorder: CaseRecorder) throws {
    let id = one.planned.id
    guard !recorder.isFinished(id) else { return }
    if !recorder.storedPasses(of: id).contains(repetition) {
      let samples: [String: Samples]
      do {
        samples = try recorder.progress.step("builds", id) { try measured(one, dataset) }
      } catch {
        recorder.progress.skip(section.repetitions - recorder.storedPasses(of: id).count - 1, "builds")
        return try recorder.fail(one.planned, error)
      }
      try recorder.store(pass: PassRecord(number: repetition, samples: samples), of: id)
    }
    guard recorder.storedPasses(of: id).isSuperset(of: 1...section.repetitions) else { return }
    let builds = try recorder.passes(of: id)
    var metrics = BuildMetrics(builds: builds).values
    let calls = builds.map { build in
      PassRecord(
        number: build.number,
        samples: ["calls": .uint64((build.numbers("batch_seconds") ?? []).map { UInt64(($0 * 1e9).rounded()) })])
    }
    metrics.merge(LatencyMetrics.of(calls, series: "calls", prefix: "add_latency")) { $1 }
    try recorder.finish(one.planned, metrics: metrics)
  }

  private func measured(_ one: InsertCase, _ dataset: VectorDataset) throws -> [String: Samples] {
    let engine = try section.resources.engine(one.engine)
    defer { engine.close() }
    let report = try engine.build(dataset.base, metric: dataset.metric, batch: one.batch, threads: one.threads)
    var samples = report.samples(rows: dataset.base.count)
    if let saving = engine as? InTreeEngine {
      samples["disk_bytes"] = .double([Double(try saving.savedBytes())])
    }
    return samples
  }
}
