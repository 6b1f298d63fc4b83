import RunStore
import Testing
import Workloads

@Suite struct InsertWorkloadTests {
  @Test func everyBatchSizeAndThreadCountIsARow() throws {
    let record = try Bench().run(
      "- {workload: insert, datasets: [tiny], batch: [100, 1000], threads: [1, 2], repetitions: 2, indexes: [flat]}")
    #expect(
      Set(record.cases.map(\.id)) == [
        "insert/tiny/flat/batch=100", "insert/tiny/flat/batch=1000", "insert/tiny/flat/batch=100,threads=2",
        "insert/tiny/flat/batch=1000,threads=2",
      ])
    for one in record.cases {
      #expect(one.failure == nil)
      #expect(one.workload == "insert")
      #expect(one.metrics["insert_seconds"]?.n == 2)
      #expect(try #require(one.metrics["insert_rate"]?.value) > 0)
      #expect(try #require(one.metrics["disk_bytes"]?.value) > 300 * 16)
      #expect(one.metrics["add_latency_max"]?.n == (one.labels["batch"] == "100" ? 6 : 2))
    }
  }

  @Test func aFailingBuildIsItsCasesFailureAlone() throws {
    let record = try Bench().run(
      "- {workload: insert, datasets: [tiny], repetitions: 2, indexes: [{adapter: build}, {adapter: none}]}")
    #expect(record.cases.filter { $0.failure != nil }.map(\.id) == ["insert/tiny/build"])
    let fine = try #require(record.cases.first { $0.failure == nil })
    #expect(fine.metrics["insert_seconds"]?.value == 1.75)
    #expect(fine.metrics["train_seconds"]?.value == 0.5)
    #expect(fine.metrics["disk_bytes"] == nil)
  }

  @Test func searchParametersHaveNoPlaceHere() throws {
    #expect {
      try Bench().plan("- {workload: insert, datasets: [tiny], indexes: [{adapter: faiss, search: {ef: 10}}]}")
    } throws: { error in
      "\(error)".contains("leave them out")
    }
  }
}
