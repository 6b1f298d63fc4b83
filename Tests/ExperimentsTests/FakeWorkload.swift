import Experiments
import Foundation
import Instrumentation
import RunStore
import Testing
import YAML

/// A workload that counts instead of measuring, and can be made to die at any call.
final class FakeMachine {
  /// Ends the run from within, as a kill would: nothing after it happens.
  struct Killed: Error {}

  /// Calls until death; nil for none.
  var callsLeft: Int?
  private(set) var passes: [String] = []

  func pass(_ id: String, _ number: Int) throws -> Double {
    try breathe()
    passes.append("\(id)#\(number)")
    return Double(id.utf8.reduce(0) { $0 &+ Int($1) } * 100 + number)
  }

  func breathe() throws {
    guard let left = callsLeft else { return }
    if left == 0 { throw Killed() }
    callsLeft = left - 1
  }
}

struct FakeWorkload: Workload, WorkloadPlan {
  struct Refused: Error, CustomStringConvertible {
    var description = "the engine refused"
  }

  let machine: FakeMachine
  let name: String
  let values: [Int]
  let repetitions: Int
  let failing: Int
  var memory = 1000

  static func kind(_ machine: FakeMachine) -> WorkloadKind {
    WorkloadKind(name: "fake") { section, reader in
      FakeWorkload(
        machine: machine, name: section.name, values: reader.integers("x", in: 1...100, default: [1]),
        repetitions: reader.integer("repetitions", in: 1...10, default: 2),
        failing: reader.integer("failing", in: 0...100, default: 0),
        memory: reader.integer("memory", in: 0...Int.max, default: 1000))
    }
  }

  func plan(seed: UInt64) throws -> any WorkloadPlan { self }

  var cases: [PlannedCase] {
    values.map { PlannedCase(id: "\(name)/x=\($0)", workload: "fake", labels: ["x": "\($0)"]) }
  }
  var dataHashes: [String: String] { ["numbers": "abc"] }

  func run(_ recorder: CaseRecorder) throws {
    for repetition in 1...repetitions {
      for one in cases where !recorder.isFinished(one.id) && !recorder.storedPasses(of: one.id).contains(repetition) {
        if one.labels["x"] == "\(failing)" {
          try recorder.fail(one, Refused())
          continue
        }
        let value = try machine.pass(one.id, repetition)
        try recorder.store(pass: PassRecord(number: repetition, samples: ["value": .double([value])]), of: one.id)
        try machine.breathe()
      }
    }
    for one in cases where !recorder.isFinished(one.id) {
      let values = try recorder.passes(of: one.id).compactMap { pass -> Double? in
        if case .double(let values) = pass.samples["value"] { values.first } else { nil }
      }
      try recorder.finish(
        one,
        metrics: ["sum": MetricValue(values.reduce(0, +), unit: "1", better: .none, kind: .count, n: values.count)])
      try machine.breathe()
    }
  }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "ragmeter-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func quietProgress(_ write: @escaping (String) -> Void = { _ in }) -> RunProgress {
  RunProgress(seconds: { 0 }, isTerminal: false, write: write)
}

func fakeRunner(_ store: RunStore, write: @escaping (String) -> Void = { _ in }, build: String = "release")
  -> ExperimentRunner
{
  ExperimentRunner(
    store: store, progress: quietProgress(write),
    machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: build), git: nil,
    now: { Date(timeIntervalSince1970: 1_700_000_000) })
}
