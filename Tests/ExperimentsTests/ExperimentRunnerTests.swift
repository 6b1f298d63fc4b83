import Experiments
import Foundation
import Instrumentation
import RunStore
import Testing
import YAML

@Suite struct ExperimentRunnerTests {
  private func plan(_ machine: FakeMachine, _ section: String = "x: 1..6, repetitions: 3, failing: 4") throws
    -> ExperimentPlan
  {
    let yaml = "{name: fake, experiments: [{workload: fake, \(section)}, {workload: fake, name: second, x: [7, 8]}]}"
    return try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse(yaml, file: "test.yml")), workloads: [FakeWorkload.kind(machine)])
  }

  @Test func everyCaseIsStoredAndAFailureDoesNotStopTheOthers() throws {
    let folder = try TemporaryFolder()
    let machine = FakeMachine()
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    let record = try fakeRunner(store).run(plan(machine), resume: false, available: nil)
    #expect(record.cases.count == 8)
    #expect(record.cases.filter { $0.failure != nil }.map(\.id) == ["fake/x=4"])
    #expect(record.cases.first { $0.id == "fake/x=4" }?.failure == "the engine refused")
    #expect(record.run.duration != nil)
    #expect(record.run.valid)
    #expect(try store.run(record.run.id) == record)
  }

  /// The run dies at random calls until it is through; what comes out equals an undisturbed run, and no stored pass is
  /// made twice.
  @Test(arguments: 0..<20) func aRunThatDiesAndResumesEqualsAnUndisturbedOne(seed: Int) throws {
    let folder = try TemporaryFolder()
    let whole = try fakeRunner(RunStore(path: folder.path + "/whole.sqlite"))
      .run(plan(FakeMachine()), resume: false, available: nil)

    var random = SeededRandom(seed: UInt64(seed))
    let machine = FakeMachine()
    var record: RunRecord?
    var deaths = 0
    while record == nil {
      machine.callsLeft = Int.random(in: 0...12, using: &random)
      do {
        let store = try RunStore(path: folder.path + "/killed.sqlite")
        record = try fakeRunner(store).run(plan(machine), resume: true, available: nil)
      } catch is FakeMachine.Killed {
        deaths += 1
      }
    }
    let store = try RunStore(path: folder.path + "/killed.sqlite")
    #expect(try store.runs().count == 1, "seed \(seed), \(deaths) deaths")
    func byID(_ cases: [CaseRecord]) -> [CaseRecord] { cases.sorted { $0.id < $1.id } }
    #expect(byID(try #require(record).cases) == byID(whole.cases), "seed \(seed)")
    #expect(Set(machine.passes).count == machine.passes.count, "seed \(seed)")
    #expect(record?.run.workloadHash == whole.run.workloadHash)
  }

  @Test func aFinishedRunIsNotResumed() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    var notes = ""
    let first = try fakeRunner(store).run(plan(FakeMachine()), resume: true, available: nil)
    let second = try fakeRunner(store) { notes += $0 }.run(plan(FakeMachine()), resume: true, available: nil)
    #expect(first.run.id != second.run.id)
    #expect(notes.contains("no unfinished run of this workload"))
  }

  @Test func otherWorkloadsAreNotResumed() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    let machine = FakeMachine()
    machine.callsLeft = 3
    #expect(throws: FakeMachine.Killed.self) {
      try fakeRunner(store).run(plan(machine), resume: false, available: nil)
    }
    let other = try fakeRunner(store).run(plan(FakeMachine(), "x: 2"), resume: true, available: nil)
    #expect(other.cases.count == 3)
    #expect(try store.runs().count == 2)
  }

  @Test func thePlanThatDoesNotFitIsRefusedBeforeAnythingIsStored() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    #expect {
      try fakeRunner(store).run(plan(FakeMachine(), "x: 1, memory: 3221225472"), resume: false, available: 1 << 30)
    } throws: { error in
      "\(error)".hasPrefix("needs about 3.0 GiB of memory and 1.0 GiB are free")
    }
    #expect(try store.runs().isEmpty)
  }

  @Test func aDebugBuildMakesTheRunInvalid() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    let record = try fakeRunner(store, build: "debug").run(plan(FakeMachine()), resume: false, available: nil)
    #expect(!record.run.valid)
    #expect(record.run.warnings == ["measured with a debug build: build with -c release"])
  }

  @Test func thePlanTellsCasesAndMemory() throws {
    #expect(
      try plan(FakeMachine()).summary(available: 2 << 30) == """
        fake: 8 cases, about 0 MiB of 2.0 GiB memory, seed 42
          fake/x=1  1 case
          fake/x=2  1 case
          fake/x=3  1 case
          fake/x=4  1 case
          fake/x=5  1 case
          fake/x=6  1 case
          second/x=7  1 case
          second/x=8  1 case
        """)
  }

  @Test func theHashFollowsWhatIsMeasured() throws {
    let machine = FakeMachine()
    #expect(try plan(machine).workloadHash == plan(machine).workloadHash)
    #expect(try plan(machine).workloadHash != plan(machine, "x: 2").workloadHash)
    #expect(try plan(machine).workloadHash.count == 64)
  }

  @Test func aCasePlannedTwiceIsAMistake() throws {
    #expect {
      try ExperimentPlan(
        ExperimentSpec(
          YAMLNode.parse("experiments:\n- {workload: fake, x: 1}\n- {workload: fake, x: [1, 2]}", file: "test.yml")),
        workloads: [FakeWorkload.kind(FakeMachine())])
    } throws: { error in
      "\(error)".contains("test.yml:3:3") && "\(error)".contains("plans the case fake/x=1 a second time")
    }
  }

  @Test func everySectionReportsItsMistakesAtOnce() throws {
    #expect {
      try ExperimentPlan(
        ExperimentSpec(
          YAMLNode.parse(
            """
            experiments:
              - {workload: fake, x: [1, 200], repetitons: 2}
              - {workload: fkae, x: 1}
              - {workload: fake, name: third, repetitions: many, x: {from: 3}}
            """, file: "test.yml")),
        workloads: [FakeWorkload.kind(FakeMachine())])
    } throws: { error in
      "\(error)" == """
        5 mistakes:
          test.yml:2:25: experiments[0].x: must hold integers from 1 to 100, not '200'
          test.yml:2:35: experiments[0].repetitons: unknown key 'repetitons'; did you mean 'repetitions'?
          test.yml:3:5: experiments[1].workload: unknown workload 'fkae'; did you mean 'fake'?
          test.yml:4:48: experiments[2].repetitions: must be an integer from 1 to 10, not 'many'
          test.yml:4:57: experiments[2].x: a range needs the numbers 'from' and 'to'
        """
    }
  }
}

/// SplitMix64, so that a failing seed fails again.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
