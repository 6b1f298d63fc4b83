import Experiments
import Foundation
import RunStore
import Testing
import VectorStores
import Workloads

/// Stores that are down, refuse, or answer nonsense: each is its own cases' failure, and no other's.
@Suite struct StoreFaultTests {
  private func run(_ store: @autoclosure @escaping () throws -> any VectorStore, _ more: String = "") throws
    -> RunRecord
  {
    var bench = try Bench()
    bench.makeStore = { _ in try store() }
    let record = try bench.run(
      """
      - workload: store
        seconds: 0
        datasets: [tiny]
        stores: [embedded, {store: milvus, as: faulty}]
        indexes: ["hnsw:m=8,ef=20|64"]
        repetitions: 2
        probes: 2
        churn: 0.1
        \(more)
      """)
    #expect(record.cases.count == 4)
    for one in record.cases where one.labels["store"] == "embedded" {
      #expect(one.failure == nil)
      #expect(try #require(one.metrics["recall@10"]?.value) > 0.9)
      #expect(one.metrics["read_after_write"]?.value == 1)
    }
    return record
  }

  private func faulty(_ record: RunRecord) -> [CaseRecord] { record.cases.filter { $0.labels["store"] == "faulty" } }

  @Test func aStoreThatIsDownIsOneSentence() throws {
    let down = VectorStoreError.remote(name: "milvus", reason: "http://127.0.0.1:1 does not answer; start it")
    let record = try run(try { throw down }())
    for one in faulty(record) {
      #expect(one.failure == "milvus: http://127.0.0.1:1 does not answer; start it")
      #expect(one.metrics.isEmpty)
    }
  }

  @Test(arguments: [
    (ScriptedStore.Fault.indexRefused, "scripted: has no index 'flat'"),
    (.insertRefused, "scripted: the key was refused; set SCRIPTED_TOKEN"),
    (.fewerKeys, "faulty acknowledged 299 of 300 rows"),
    (.optimizeRefused, "scripted: the index is not ready after 60 s; ask for more patience"),
  ])
  func whatCannotBeFilledFailsWhole(fault: ScriptedStore.Fault, reason: String) throws {
    let store = ScriptedStore(fault, existing: ["other"])
    let failed = faulty(try run(store))
    #expect(failed.count == 2)
    for one in failed { #expect(one.failure == reason) }
    #expect(store.names == ["other"], "what was half made is gone")
    #expect(store.isClosed)
  }

  /// Somebody else's collection of that name, with a schema of its own, is never dropped.
  @Test func anExistingCollectionIsLeftAlone() throws {
    let store = ScriptedStore(.createRefused, existing: ["other"])
    for one in faulty(try run(store)) {
      #expect(try #require(one.failure).contains("is already there; drop it first or choose another name"))
    }
    #expect(store.names == ["other"])
    #expect(store.log == [])
  }

  @Test func aSearchThatFailsIsItsCasesAlone() throws {
    let store = ScriptedStore(.searchRefused)
    let cases = faulty(try run(store))
    #expect(cases.first { $0.labels["ef"] == "20" }?.failure == "scripted: answered HTML")
    #expect(cases.first { $0.labels["ef"] == "64" }?.metrics["recall@10"]?.value == 1)
    #expect(store.names == [])
  }

  @Test(arguments: [
    (ScriptedStore.Fault.fewerHits, 0.4, 1.0), (.repeatedIDs, 0.1, 0), (.stringKeys, 1, 0), (.ownKeys, 1, 0),
    (.diskUnknown, 1, 0),
  ])
  func recallJudgesWhatWasAnswered(fault: ScriptedStore.Fault, recall: Double, short: Double) throws {
    for one in faulty(try run(ScriptedStore(fault))) {
      #expect(one.failure == nil)
      #expect(abs(try #require(one.metrics["recall@10"]?.value) - recall) < 1e-6)
      #expect(one.metrics["short_answers"]?.value == short)
      #expect((one.metrics["disk_bytes"]?.value == nil) == (fault == .diskUnknown))
    }
  }

  @Test func deletionsThatDoNothingAreSeen() throws {
    let record = try run(ScriptedStore(.deletesNothing), "patience: 0.01")
    for one in faulty(record) {
      #expect(one.failure == nil)
      #expect(one.metrics["read_after_write"]?.value == 1)
      #expect(one.metrics["delete_visibility_max"]?.value == nil)
      #expect(one.metrics["delete_visibility_max"]?.reason == "2 of 2 rows were not gone within 0.01 s")
      let reason = try #require(one.metrics["churned_recall@10"]?.reason)
      #expect(reason.contains("is already taken"), "\(reason)")
      #expect(try #require(one.metrics["qps"]?.value) > 0, "what was measured before is kept")
    }
  }

  @Test func whatWasMeasuredBeforeAFaultIsKept() throws {
    for one in faulty(try run(ScriptedStore(.probeRefused), "batch: 1000")) {
      #expect(one.failure == nil)
      #expect(one.metrics["visibility_p50"]?.reason == "scripted: has no room for another row")
      #expect(one.metrics["read_after_write"]?.value == nil)
      #expect(one.metrics["recall@10"]?.value == 1)
      #expect(one.metrics["churned_recall@10"]?.value == 1)
    }
  }

  @Test func whatCannotBeDeletedSaysSo() throws {
    for one in faulty(try run(ScriptedStore(.cannotDelete))) {
      #expect(one.failure == nil)
      #expect(one.metrics["delete_visibility_p50"]?.reason == "scripted: deletes no rows")
      #expect(one.metrics["delete_rate"]?.reason == "scripted: deletes no rows")
      #expect(try #require(one.metrics["upsert_rate"]?.value) > 0)
      #expect(one.metrics["read_after_write"]?.value == 1)
    }
  }

  @Test func aCollectionThatStaysIsTold() throws {
    let store = ScriptedStore(.dropRefused)
    let record = try run(store)
    let name = try #require(store.names.first)
    #expect(name.hasPrefix("ragmeter_"))
    #expect(
      record.run.warnings.contains("faulty still holds the collection \(name): scripted: drops nothing today"),
      "\(record.run.warnings)")
    #expect(faulty(record).allSatisfy { $0.failure == nil })
  }
}
