internal import Datasets
internal import Experiments
internal import RunStore

/// An engine with the cases that wait for it.
final class MeasuredEngine {
  let choice: EngineChoice
  /// Cases that are neither stored nor failed.
  private(set) var pending: [SearchCase]
  private let group: SearchPlan.Group
  private let section: SearchSection
  private let recorder: CaseRecorder
  private var engine: (any SearchEngine)?
  /// Rows at the end of the base set that passes insert one after the other.
  private let held: Int
  private var inserted = 0

  var isInTree: Bool { if case .inTree = choice.source { true } else { false } }

  init(_ planned: SearchPlan.Engine, group: SearchPlan.Group, section: SearchSection, recorder: CaseRecorder) {
    choice = planned.choice
    pending = planned.cases.filter { !recorder.isFinished($0.planned.id) }
    self.group = group
    self.section = section
    self.recorder = recorder
    held =
      section.whileInserting.map { options in
        group.heldBack(for: planned, options, passes: section.repetitions + section.warmup)
      } ?? 0
  }

  /// Builds, and stores what it took as pass 0 of every case that has none; if it cannot, all cases fail.
  func build() throws {
    let report: BuildReport
    do {
      report = try recorder.progress.step("builds", "\(choice.idParts.joined(separator: " "))") { try make() }
    } catch {
      for one in pending { try recorder.fail(one.planned, error) }
      recorder.progress.skip(pending.count * (section.repetitions + section.warmup), "passes")
      pending = []
      return close()
    }
    let pass = PassRecord(number: 0, samples: report.samples(rows: group.dataset.base.count - held))
    for one in pending where !recorder.storedPasses(of: one.planned.id).contains(0) {
      try recorder.store(pass: pass, of: one.planned.id)
    }
  }

  private func make() throws -> BuildReport {
    let engine = try section.resources.engine(choice)
    self.engine = engine
    let base = try group.dataset.base.prefix(group.dataset.base.count - held)
    return try engine.build(
      base, metric: group.dataset.metric, batch: section.buildBatch, threads: section.buildThreads)
  }

  /// One pass. A process that an earlier case took down is started and built again first.
  func search(_ queries: VectorSet, _ request: SearchPassRequest) throws -> SearchPass {
    if engine == nil { _ = try make() }
    guard let engine else { throw EngineError("\(choice.engine) could not be started again") }
    do {
      return try engine.search(queries, pass: request)
    } catch let error as AdapterError {
      if case .refused = error { throw error }
      close()
      throw error
    }
  }

  /// One pass while the next rows of the held-back end are inserted.
  func passWhileInserting(
    _ one: SearchCase, rate: Int, _ options: SearchSection.WhileInserting
  ) throws -> [String: Samples] {
    guard let live = engine as? any LiveEngine else {
      throw EngineError("\(choice.engine) cannot insert while it searches; leave 'while_inserting' out for it")
    }
    let first = group.dataset.base.count - held + inserted
    let count = options.vectors(atRate: rate)
    inserted += count
    return try LivePass(
      engine: live, dataset: group.dataset, rows: first..<first + count, rate: rate, batch: options.batch,
      request: SearchPassRequest(k: one.k, mode: .single, threads: one.threads, parameters: one.search.dictionary)
    ).run()
  }

  /// The case is done, one way or the other.
  func drop(_ one: SearchCase) {
    pending.removeAll { $0.planned.id == one.planned.id }
    if pending.isEmpty { close() }
  }

  func close() {
    engine?.close()
    engine = nil
  }
}

extension VectorSet {
  /// The first rows; itself where that is all.
  func prefix(_ rows: Int) throws -> VectorSet {
    rows == count ? self : try VectorSet(dimension: dimension, values: Array(values[..<(rows * dimension)]))
  }
}

extension BuildReport {
  /// As series of a pass; what an engine cannot tell is left out.
  func samples(rows: Int) -> [String: Samples] {
    var samples: [String: Samples] = [
      "train_seconds": .double([trainSeconds]), "add_seconds": .double([addSeconds]),
      "optimize_seconds": .double([optimizeSeconds]), "rows": .uint64([UInt64(rows)]),
    ]
    if !batchSeconds.isEmpty { samples["batch_seconds"] = .double(batchSeconds) }
    if let indexBytes { samples["index_bytes"] = .double([Double(indexBytes)]) }
    if let privateBytes { samples["private_bytes"] = .double([Double(privateBytes)]) }
    return samples
  }
}
