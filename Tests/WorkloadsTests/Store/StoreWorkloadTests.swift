import Datasets
import Documents
import Experiments
import Foundation
import RunStore
import Testing
import VectorStores
import Workloads

@Suite struct StoreWorkloadTests {
  /// A bench whose stores are called by `as:`.
  private func bench(_ stores: [String: any VectorStore], texts: DatasetTexts? = nil) throws -> Bench {
    var bench = try Bench()
    bench.makeStore = { choice in
      guard let store = stores[choice.name] else { throw EngineError("no store \(choice.name) here") }
      return store
    }
    bench.texts = texts
    return bench
  }

  @Test func storesStandSideBySide() throws {
    let scripted = ScriptedStore(existing: ["other"])
    let record = try bench(["scripted": scripted]).run(
      """
      - workload: store
        seconds: 0
        datasets: [tiny]
        stores: [embedded, {store: milvus, as: scripted}]
        threads: [1, 2]
        batch: 100
        builds: 3
        repetitions: 6
        probes: 5
      """)
    #expect(
      Set(record.cases.map(\.id)) == [
        "store/tiny/embedded/flat", "store/tiny/embedded/flat/threads=2", "store/tiny/scripted/flat",
        "store/tiny/scripted/flat/threads=2",
      ])
    for one in record.cases {
      #expect(one.failure == nil)
      let metrics = one.metrics
      #expect(metrics["recall@10"]?.value == 1)
      #expect(metrics["short_answers"]?.value == 0)
      #expect(try #require(metrics["qps"]?.value) > 0)
      #expect(metrics["qps"]?.ci95 != nil)
      #expect(try #require(metrics["latency_p50"]?.value) > 0)
      #expect(metrics["latency_p50"]?.n == 120)
      #expect(metrics["insert_seconds"]?.n == 3)
      #expect(try #require(metrics["insert_rate"]?.value) > 0)
      #expect(metrics["insert_batch_p50"]?.n == 9, "three batches, three times")
      #expect(metrics["insert_batch_p99"]?.reason == "9 calls; at least 100 are needed")
      #expect(try #require(metrics["optimize_seconds"]?.value) > 0)
      #expect(metrics["read_after_write"]?.value == 1)
      #expect(metrics["visibility_p50"]?.n == 5)
      let visibility = try #require(metrics["visibility_max"]?.value)
      #expect(visibility > 0)
      #expect(metrics["visibility_p99"]?.reason == "5 rows; at least 100 are needed")
      #expect(try #require(metrics["visibility_look_p50"]?.value) > 0)
      #expect(try #require(metrics["delete_visibility_max"]?.value) > 0)
      #expect(try #require(metrics["disk_bytes"]?.value) > 0)
      #expect(try #require(metrics["harness_overhead"]?.value) > 0)
      #expect(metrics["upsert_rate"] == nil, "no churn was asked for")
    }
    let first = try #require(record.cases.first { $0.id == "store/tiny/scripted/flat" })
    #expect(
      first.labels == [
        "dataset": "tiny", "store": "scripted", "index": "flat", "k": "10", "threads": "1", "n": "300",
        "dimension": "16", "metric": "l2", "queries": "20", "consistency": "Strong", "batch": "100", "output": "none",
      ])
    #expect(scripted.names == ["other"], "ours are gone, and others' are still there")
    #expect(scripted.log.count { $0 == "create" } == 3)
    #expect(scripted.isClosed)
  }

  @Test func aPassGoesRoundItsQueries() throws {
    let record = try Bench().run(
      "- {workload: store, datasets: [tiny], seconds: 0.02, threads: [1, 2], repetitions: 2, probes: 0}")
    for one in record.cases {
      let calls = try #require(one.metrics["latency_p50"]?.n)
      #expect((40...4000).contains(calls))
      #expect(one.metrics["recall@10"]?.value == 1)
      #expect(one.metrics["recall@10"]?.n == 20, "each query is judged once")
    }
  }

  @Test func visibilityIsMeasuredAndNotAssumed() throws {
    let record = try bench(["late": ScriptedStore(lag: 3)]).run(
      "- {workload: store, seconds: 0, datasets: [tiny], stores: [{store: milvus, as: late}], repetitions: 1, probes: 4}"
    )
    let metrics = try #require(record.cases.first).metrics
    #expect(metrics["read_after_write"]?.value == 0)
    #expect(try #require(metrics["visibility_p50"]?.value) > 0)
    #expect(try #require(metrics["delete_visibility_p50"]?.value) > 0)
    #expect(metrics["recall@10"]?.value == 1, "optimised rows are all seen")
  }

  @Test func whatIsNeverSeenIsNoNumber() throws {
    let scripted = ScriptedStore(lag: .max)
    let bench = try bench(["blind": scripted])
    let record = try bench.run(
      "- {workload: store, seconds: 0, datasets: [tiny], stores: [{store: milvus, as: blind}], repetitions: 1, probes: 4, patience: 0.001}"
    )
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    #expect(one.metrics["visibility_p50"]?.value == nil)
    #expect(one.metrics["visibility_p50"]?.reason == "4 of 4 rows were not found within 0.001 s")
    #expect(one.metrics["delete_visibility_p50"]?.reason == "no row was found that could be gone")
    #expect(one.metrics["read_after_write"]?.value == 0)
    #expect(one.metrics["recall@10"]?.value == 1)
  }

  @Test func theEmbeddedStoreShowsEventualSearchesNothingBeforeItOptimises() throws {
    let record = try Bench().run(
      """
      - workload: store
        seconds: 0
        datasets: [tiny]
        consistency: [Strong, Eventually]
        indexes: ["hnsw:m=8,ef=64"]
        repetitions: 1
        probes: 3
        patience: 0.01
      """)
    let eventual = try #require(record.cases.first { $0.labels["consistency"] == "Eventually" })
    #expect(eventual.id == "store/tiny/embedded/hnsw/m=8/consistency=Eventually/ef=64")
    #expect(eventual.metrics["read_after_write"]?.value == 0)
    #expect(eventual.metrics["visibility_max"]?.reason == "3 of 3 rows were not found within 0.01 s")
    #expect(try #require(eventual.metrics["recall@10"]?.value) > 0.9)
    let strong = try #require(record.cases.first { $0.labels["consistency"] == "Strong" })
    #expect(strong.metrics["read_after_write"]?.value == 1)
  }

  @Test func filtersLeaveShares() throws {
    let record = try bench(["scripted": ScriptedStore()]).run(
      """
      - workload: store
        seconds: 0
        datasets: [tiny]
        stores: [embedded, {store: milvus, as: scripted}]
        filters: [0.1, 0.5, 1]
        repetitions: 1
        probes: 2
      """)
    #expect(record.cases.count == 6)
    for one in record.cases {
      #expect(one.failure == nil)
      #expect(one.metrics["recall@10"]?.value == 1, "\(one.id)")
      #expect(one.metrics["read_after_write"]?.value == 1, "\(one.id)")
    }
    #expect(throws: ExperimentError.self) {
      try Bench().plan("- {workload: store, datasets: [tiny], output: text}")
    }
    #expect(throws: ExperimentError.self) {
      try Bench().plan("- {workload: store, seconds: 0, datasets: [tiny], filters: [0.01]}")
    }
  }

  @Test func churnLeavesTheSameAnswers() throws {
    let scripted = ScriptedStore(.ownKeys)
    let record = try bench(["scripted": scripted]).run(
      """
      - workload: store
        seconds: 0
        datasets: [tiny]
        stores: [embedded, {store: milvus, as: scripted}]
        batch: 20
        repetitions: 1
        probes: 0
        churn: 0.2
      """)
    for one in record.cases {
      for name in ["upsert_rate", "delete_rate", "reinsert_rate", "churned_latency_p50"] {
        #expect(try #require(one.metrics[name]?.value) > 0, "\(one.id) \(name)")
      }
      #expect(one.metrics["churned_recall@10"]?.value == 1, "\(one.id)")
      #expect(one.metrics["visibility_p50"] == nil)
    }
    #expect(scripted.log.count { $0 == "upsert" } == 3)
  }

  @Test func aStoreThatEmbedsIsAskedByText() throws {
    let dataset = try randomDataset()
    let texts = DatasetTexts(
      base: (0..<dataset.base.count).map { "row w\($0)" }, queries: (0..<dataset.queries.count).map { "which w\($0)" })
    let section = """
      - workload: store
        seconds: 0
        datasets: [tiny]
        stores: [embedded, {store: llama-stack, as: texts}]
        repetitions: 1
        probes: 2
        churn: 0.1
        OUTPUT
      """
    let record = try bench(["texts": TextStore()], texts: texts).run(section.replacing("OUTPUT", with: "output: text"))
    let one = try #require(record.cases.first { $0.labels["store"] == "texts" })
    #expect(one.failure == nil)
    #expect(one.labels["fields"] == "text")
    #expect(one.metrics["read_after_write"]?.value == 1)
    #expect(try #require(one.metrics["latency_p50"]?.value) > 0)
    #expect(one.metrics["delete_visibility_p50"]?.reason == "texts: deletes no rows")
    #expect(one.metrics["upsert_rate"]?.reason == "texts: replaces no rows")
    #expect(one.metrics["disk_bytes"]?.reason == "the store cannot tell")
    #expect(try #require(one.metrics["churned_latency_p50"]?.value) > 0)
    #expect(record.cases.first { $0.labels["store"] == "embedded" }?.metrics["recall@10"]?.value == 1)

    let bare = try bench(["texts": TextStore()]).run(section.replacing("OUTPUT", with: ""))
    #expect(
      bare.cases.first { $0.labels["store"] == "texts" }?.failure
        == "texts searches by text, and the dataset has vectors alone; use a dataset such as embedded:corpus=handbook,…"
    )
  }

  /// The record as a SIGKILL would leave it: some passes stored, no metrics.
  @Test(arguments: [0...0, 0...2, 0...3, 0...4]) func aKilledRunGoesOn(stored: ClosedRange<Int>) throws {
    let section = "- {workload: store, seconds: 0, datasets: [tiny], repetitions: 3, probes: 2}"
    let bench = try Bench()
    let whole = try bench.run(section)
    let id = "store/tiny/embedded/flat"
    let copy = bench.folder.path + "/copy.sqlite"
    do {
      let store = try RunStore(path: copy)
      var header = whole.run
      header.duration = nil
      _ = try store.createRun(header)
      for pass in try RunStore(path: bench.storePath).passes(of: id, in: whole.run.id)
      where stored.contains(pass.number) {
        try store.storePass(pass.number, of: id, in: whole.run.id, samples: pass.samples)
      }
    }
    let resumed = try bench.run(section, resume: true, storePath: copy)
    #expect(resumed.run.id == whole.run.id)
    #expect(resumed.cases.map(\.id) == [id])
    #expect(resumed.cases.first?.metrics.keys.sorted() == whole.cases.first?.metrics.keys.sorted())
    #expect(resumed.cases.first?.metrics["read_after_write"]?.value == 1)
    if stored == 0...4 { #expect(resumed.cases == whole.cases) }
  }

  @Test func mistakesAreReportedTogether() throws {
    #expect {
      try Bench().plan(
        """
        - workload: store
          datasets: [tiny]
          stores: [milvsu]
          indexes: [{adapter: faiss, build: {factory: Flat}}, flatt]
          consistency: [strongly]
          filters: [2]
          batch: 0
          probe: 5
        """)
    } throws: { error in
      "\(error)" == """
        7 mistakes:
          test.yml:4:12: experiments[0].stores[0]: no store is called 'milvsu'; did you mean 'milvus'?
          test.yml:5:12: experiments[0].indexes: faiss is another engine and cannot live in a store; leave it out
          test.yml:5:55: experiments[0].indexes[1]: unknown index 'flatt'; did you mean 'flat'?
          test.yml:6:16: experiments[0].consistency: must hold some of Strong, Eventually, not 'strongly'
          test.yml:7:12: experiments[0].filters: must hold numbers from 1e-06 to 1.0, not '2'
          test.yml:8:10: experiments[0].batch: must be an integer from 1 to 1000000, not '0'
          test.yml:9:3: experiments[0].probe: unknown key 'probe'; did you mean 'probes'?
        """
    }
  }
}
