import Foundation
import RunStore
import Testing
import VectorStores
import Workloads

/// What a killed run left in a store is dropped by the next one; anything else stays.
@Suite struct OwnCollectionsTests {
  @Test func namesAreEveryStoresAndNobodys() throws {
    let own = OwnCollections.ofThisMachine()
    let names = (0..<100).map { _ in own.name() }
    #expect(Set(names).count == 100)
    for name in names {
      #expect(name.utf8.count <= 63, "PostgreSQL's limit")
      #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
      #expect(name.hasPrefix("ragmeter_"))
    }
  }

  @Test func onlyWhatDeadProcessesOfThisMachineMadeIsAbandoned() {
    let own = OwnCollections(machine: "abc", process: 7)
    let dead = OwnCollections(machine: "abc", process: 8).name()
    let elsewhere = OwnCollections(machine: "abd", process: 8).name()
    let names = [
      dead, own.name(), elsewhere, "documents", "ragmeter_abc_8", "ragmeter_abc_x_1", "ragmeter_abc_8_1_2", "ragmeter",
      "Ragmeter_abc_8_1",
    ]
    #expect(own.abandoned(among: names) { $0 == 7 } == [dead])
    #expect(own.abandoned(among: names) { _ in true } == [])
  }

  @Test func aRunDropsWhatAKilledOneLeft() throws {
    // No process has a number beyond the kernel's largest, 2²².
    let dead = OwnCollections.ofThisMachine(process: 1 << 30).name()
    let alive = OwnCollections.ofThisMachine(process: ProcessInfo.processInfo.processIdentifier).name()
    let store = ScriptedStore(existing: ["documents", dead, alive])
    var bench = try Bench()
    bench.makeStore = { _ in store }
    let record = try bench.run(
      "- {workload: store, seconds: 0, datasets: [tiny], stores: [{store: milvus}], repetitions: 1, probes: 0}")
    #expect(record.cases.first?.failure == nil)
    #expect(store.names == ["documents", alive].sorted())
    #expect(record.run.warnings == ["scripted: dropped what killed runs had left: 1 collections"])
  }
}
