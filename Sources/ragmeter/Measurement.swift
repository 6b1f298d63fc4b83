import Datasets
import Experiments
import Foundation
import Instrumentation
import Kernels
import RunStore
import Workloads

/// What every verb that measures does: plan, run, store, report.
struct Measurement {
  static let options: [Option] = [.value("--store")] + RunOutputs.options

  static let usage = """
      --store FILE        the database of runs (\(RunOutputs.store))
    \(RunOutputs.usage)
    """

  private let arguments: Arguments
  private let resume: Bool
  private let specPath: String?

  /// - Parameter specPath: the experiment's file, beside which adapters are looked for.
  init(_ arguments: Arguments, resume: Bool, specPath: String?) {
    self.arguments = arguments
    self.resume = resume
    self.specPath = specPath
  }

  func run(_ spec: ExperimentSpec) throws -> ExitCode {
    let outputs = try RunOutputs(arguments)
    let environment = ProcessInfo.processInfo.environment
    let progress = RunProgress(
      seconds: { Double(MonotonicClock.now()) / 1e9 }, isTerminal: isatty(STDERR_FILENO) == 1,
      write: { FileHandle.standardError.write(Data($0.utf8)) })
    let folder = FileManager.default.currentDirectoryPath
    let resources = WorkloadResources.standard(
      loader: try .deriving(environment: environment, threads: ProcessInfo.processInfo.activeProcessorCount),
      environment: environment,
      folders: [specPath, Bundle.main.executablePath].compactMap {
        $0.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
      } + [folder],
      cores: ProcessInfo.processInfo.activeProcessorCount,
      program: Bundle.main.executablePath ?? CommandLine.arguments[0],
      progress: { progress.status("\($0.activity) \($0.file): \($0.received >> 20) of \(($0.total ?? 0) >> 20) MiB") })
    // Opened before anything is loaded: results that cannot be stored need not be measured.
    let store = try RunStore(path: arguments.value("--store") ?? RunOutputs.store)
    let plan = try ExperimentPlan(
      spec, workloads: WorkloadKind.all(resources))
    let available = SystemMemory.available()
    progress.note(plan.summary(available: available))
    let runner = ExperimentRunner(
      store: store, progress: progress, machine: .read(simd: Kernels.activeName), git: .read(folder: folder),
      findings: Self.findings(), now: { Date() })
    let record = try runner.run(plan, resume: resume, available: available)
    try outputs.write(record, store: store)
    return conclude(record, store: store)
  }

  /// What else the machine does: of the doctor's checks those that change from minute to minute.
  private static func findings() -> [String] {
    let passing = ["busy cores", "steal", "load", "memory", "swap"]
    return MachineHealth.checks(probes: .live()) { Thread.sleep(forTimeInterval: 0.3) }
      .filter { $0.status == .warn && passing.contains($0.name) }
      .map { "\($0.name): \($0.finding)" }
  }

  private func conclude(_ record: RunRecord, store: RunStore) -> ExitCode {
    let failed = record.cases.filter { $0.failure != nil }
    complainAbout(failed, of: record.cases.count)
    FileHandle.standardError.write(Data("run \(record.run.id) is stored in \(store.path)\n".utf8))
    return failed.isEmpty ? .success : .failure
  }

  private func complainAbout(_ failed: [CaseRecord], of count: Int) {
    guard !failed.isEmpty else { return }
    complain("\(failed.count) of \(count) cases failed:")
    for one in failed { complain("  \(one.id): \(one.failure ?? "")") }
  }
}
