package import Foundation
package import Instrumentation
package import RunStore

/// Runs a plan into a store.
package struct ExperimentRunner {
  private let store: RunStore
  private let progress: RunProgress
  private let machine: MachineFingerprint
  private let git: GitState?
  private let findings: [String]
  private let now: () -> Date

  /// - Parameter findings: what would spoil a measurement on this machine now; becomes warnings of the run.
  package init(
    store: RunStore, progress: RunProgress, machine: MachineFingerprint, git: GitState?, findings: [String] = [],
    now: @escaping () -> Date
  ) {
    self.store = store
    self.progress = progress
    self.machine = machine
    self.git = git
    self.findings = findings
    self.now = now
  }

  /// Measures every case of the plan.
  ///
  /// - Parameters:
  ///   - resume: goes on with the newest unfinished run of the same workload, where there is one.
  ///   - available: bytes of memory that may be used; `nil` where unknown.
  /// - Throws: `ExperimentError` if the plan needs more memory than there is; `RunStoreError`. A case's failure is stored
  ///   in its record and not thrown.
  package func run(_ plan: ExperimentPlan, resume: Bool, available: Int?) throws -> RunRecord {
    if let available, plan.memory > available {
      throw ExperimentError(
        "needs about \(ExperimentPlan.size(plan.memory)) of memory and \(ExperimentPlan.size(available)) are free; "
          + "take fewer indexes a section, or fewer vectors")
    }
    let hash = plan.workloadHash
    var header = try resume ? store.openRun(matching: hash) : nil
    if let header {
      let cases = try store.storedCases(header.id).count
      progress.note("resuming run \(header.id): \(cases) of \(plan.cases.count) cases are stored")
      warnIfChanged(since: header)
    } else {
      if resume { progress.note("no unfinished run of this workload is stored; starting one") }
      let started = RunHeader(
        name: plan.spec.name, started: RunHeader.timestamp(now()), seed: plan.spec.seed, workloadHash: hash, git: git,
        machine: machine)
      let id = try store.createRun(started, spec: plan.spec.canonicalText)
      header = try store.run(id).run
    }
    guard let header else { throw ExperimentError("the run that was just created is gone from \(store.path)") }
    let recorder = try CaseRecorder(store: store, run: header.id, progress: progress)
    for finding in findings { recorder.warn(finding) }
    for part in plan.parts { try part.run(recorder) }
    progress.clear()
    return try finish(header, recorder)
  }

  private func warnIfChanged(since header: RunHeader) {
    let fields = machine.differences(from: header.machine)
    if !fields.isEmpty {
      progress.note("this machine differs from the one that began the run in \(fields.joined(separator: ", "))")
    }
    if git?.commit != header.git?.commit {
      progress.note("the code differs from the commit that began the run")
    }
  }

  private func finish(_ header: RunHeader, _ recorder: CaseRecorder) throws -> RunRecord {
    var warnings = recorder.warnings
    var isValid = true
    if machine.build != "release" {
      warnings.insert("measured with a \(machine.build) build: build with -c release", at: 0)
      isValid = false
    }
    if let git, git.commit != header.git?.commit {
      warnings.append(
        "begun at commit \(header.git?.commit.prefix(10) ?? "unknown"), resumed at \(git.commit.prefix(10))")
    }
    let duration = now().timeIntervalSince(Self.date(header.started) ?? now())
    try store.finishRun(header.id, duration: max(0, duration), valid: isValid, warnings: warnings)
    return try store.run(header.id)
  }

  private static func date(_ timestamp: String) -> Date? {
    try? Date(timestamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}

/// Why an experiment cannot run at all, as one sentence.
package struct ExperimentError: Error, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
