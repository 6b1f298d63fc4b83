import Foundation
import Instrumentation
import RunStore
import Testing

struct RunStoreTests {
  let folder: TemporaryFolder
  let store: RunStore

  init() throws {
    folder = try TemporaryFolder()
    store = try RunStore(path: folder.file("deep/er/runs.sqlite"))
  }

  @Test func aRunComesBackAsItWasStored() throws {
    let id = try store.createRun(header(), spec: "name: index-peers\n")
    try store.store(case: sampleCase(), in: id)
    var failed = CaseRecord(id: "search/adapter", workload: "search", labels: [:])
    failed.failure = "the adapter died with signal 11"
    try store.store(case: failed, in: id)
    try store.finishRun(id, duration: 12.5, valid: false, warnings: ["steal 3 %"])

    var expected = header()
    expected.id = id
    expected.duration = 12.5
    expected.valid = false
    expected.warnings = ["steal 3 %"]
    let reopened = try RunStore(path: store.path, access: .readOnly)
    #expect(try reopened.run(id) == RunRecord(run: expected, cases: [sampleCase(), failed]))
    #expect(try reopened.spec(of: id) == "name: index-peers\n")
  }

  @Test func anIDTellsTheStartAndIsUnique() throws {
    let ids = try (0..<50).map { _ in try store.createRun(header()) }
    #expect(Set(ids).count == 50)
    #expect(ids.allSatisfy { $0.hasPrefix("20260131T123456-") })
  }

  @Test func storingACaseAgainReplacesItsMetrics() throws {
    let id = try store.createRun(header())
    try store.store(case: sampleCase(recall: 0.5), in: id)
    try store.store(case: sampleCase("other"), in: id)
    var second = sampleCase(recall: 0.75)
    second.metrics["index_bytes"] = nil
    try store.store(case: second, in: id)
    #expect(try store.storedCases(id) == [sampleCase("other"), second])
  }

  @Test func aResumeFindsTheNewestUnfinishedRunOfItsWorkload() throws {
    let old = try store.createRun(header(started: "2026-01-01T00:00:00.000Z"))
    let new = try store.createRun(header(started: "2026-01-02T00:00:00.000Z"))
    _ = try store.createRun(header(workload: "w2", started: "2026-01-03T00:00:00.000Z"))
    #expect(try store.openRun(matching: "w1")?.id == new)
    try store.finishRun(new, duration: 1, valid: true, warnings: [])
    #expect(try store.openRun(matching: "w1")?.id == old)
    #expect(try store.openRun(matching: "w3") == nil)
  }

  @Test func passesOfAnOpenCaseAreKeptUntilItIsDone() throws {
    let id = try store.createRun(header())
    let passes = [
      PassRecord(number: 0, samples: ["latency": .uint64([10_000, 10_003]), "recall": .float([1, 0.9])]),
      PassRecord(number: 2, samples: ["latency": .uint64([9_990, 11_000])]),
    ]
    for pass in passes.reversed() { try store.storePass(pass.number, of: "a", in: id, samples: pass.samples) }
    try store.storePass(7, of: "b", in: id, samples: ["ids": .int64([-1, 4])])
    #expect(try store.storedCases(id) == [])
    #expect(try store.storedPasses(id) == ["a": [0, 2], "b": [7]])
    #expect(try store.passes(of: "a", in: id) == passes)
    try store.store(case: sampleCase("a"), in: id)
    #expect(try store.passes(of: "a", in: id) == passes)
    // a pass measured again leaves nothing of the first
    try store.storePass(0, of: "a", in: id, samples: ["latency": .uint64([1])])
    #expect(try store.passes(of: "a", in: id)[0].samples == ["latency": .uint64([1])])
  }

  @Test func runsAreFoundByIDPrefixAndName() throws {
    let first = try store.createRun(header("nightly", id: "20260101T000000-aaaaaa", started: "2026-01-01T00:00:00Z"))
    let second = try store.createRun(header("nightly", id: "20260102T000000-aabbbb", started: "2026-01-02T00:00:00Z"))
    #expect(try store.find(first).id == first)
    #expect(try store.find("20260102").id == second)
    #expect(try store.find("nightly").id == second)
    #expect(try store.runs(limit: 1).map(\.id) == [second])
    #expect(throws: RunStoreError.ambiguousRun("2026", candidates: [first, second])) { try store.find("2026") }
    #expect(throws: RunStoreError.noSuchRun("%", path: store.path)) { try store.find("%") }
    #expect(throws: RunStoreError.noSuchRun("", path: store.path)) { try store.find("") }
  }

  @Test func aCaseOfAnUnknownRunIsRefused() throws {
    #expect(throws: RunStoreError.noSuchRun("nobody", path: store.path)) {
      try store.store(case: sampleCase(), in: "nobody")
    }
    #expect(throws: RunStoreError.noSuchRun("nobody", path: store.path)) {
      try store.finishRun("nobody", duration: 1, valid: true, warnings: [])
    }
  }

  @Test func aCaseThatCannotBeStoredWholeIsNotStoredAtAll() throws {
    let id = try store.createRun(header())
    var broken = sampleCase()
    broken.metrics["zzz"] = MetricValue(1, unit: "s", better: .lower, kind: .timing, ci95: [1, 2, 3])
    #expect(throws: RunStoreError.self) { try store.store(case: broken, in: id) }
    #expect(try store.storedCases(id) == [])
  }

  @Test func aRunExportedAndImportedIsTheSame() throws {
    let id = try store.createRun(header())
    try store.store(case: sampleCase(), in: id)
    let record = try store.run(id)
    let other = try RunStore(path: folder.file("other.sqlite"))
    let parsed = try RunRecord(json: record.json(), source: "run.json")
    try other.importRun(parsed)
    #expect(try other.run(id) == record)
    #expect(throws: RunStoreError.invalid("run '\(id)' is already in \(other.path)")) { try other.importRun(parsed) }
  }
}
