package import RunStore

/// Where a workload puts what it measured, at once, and asks what an earlier start of the same run already did.
package final class CaseRecorder {
  package let progress: RunProgress
  /// What a reader of the results must know; stored when the run ends.
  package private(set) var warnings: [String] = []
  private let store: RunStore
  private let run: String
  private var finished: Set<String>
  private var passNumbers: [String: Set<Int>]

  /// - Throws: `RunStoreError`.
  package init(store: RunStore, run: String, progress: RunProgress) throws {
    self.store = store
    self.run = run
    self.progress = progress
    finished = Set(try store.storedCases(run).map(\.id))
    passNumbers = try store.storedPasses(run)
  }

  /// Whether the case has its metrics, or its failure.
  package func isFinished(_ id: String) -> Bool { finished.contains(id) }

  /// Numbers of the passes of a case that are stored.
  package func storedPasses(of id: String) -> Set<Int> { passNumbers[id] ?? [] }

  /// The stored passes of a case, by number.
  package func passes(of id: String) throws -> [PassRecord] { try store.passes(of: id, in: run) }

  package func store(pass: PassRecord, of id: String) throws {
    try store.storePass(pass.number, of: id, in: run, samples: pass.samples)
    passNumbers[id, default: []].insert(pass.number)
  }

  /// Stores a case with what its passes came to.
  package func finish(
    _ planned: PlannedCase, metrics: [String: MetricValue], worst: [WorstQuestion]? = nil
  ) throws {
    try store.store(
      case: CaseRecord(
        id: planned.id, workload: planned.workload, labels: planned.labels, metrics: metrics, worst: worst), in: run)
    finished.insert(planned.id)
  }

  /// Stores a case as failed, with the sentence that says why.
  package func fail(_ planned: PlannedCase, _ failure: any Error) throws {
    progress.note("\(planned.id) failed: \(failure)")
    try store.store(
      case: CaseRecord(id: planned.id, workload: planned.workload, labels: planned.labels, failure: "\(failure)"),
      in: run)
    finished.insert(planned.id)
  }

  package func warn(_ sentence: String) {
    guard !warnings.contains(sentence) else { return }
    warnings.append(sentence)
    progress.note(sentence)
  }
}
