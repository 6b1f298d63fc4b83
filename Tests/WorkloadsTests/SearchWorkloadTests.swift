import Datasets
import Experiments
import Foundation
import RunStore
import Testing
import Workloads

@Suite struct SearchWorkloadTests {
  @Test func anExactIndexHasFullRecallInEveryMode() throws {
    let record = try Bench().run(
      "- {workload: search, datasets: [tiny], k: [1, 10], threads: [1, 3], modes: [single, 7], repetitions: 2, indexes: [flat]}"
    )
    #expect(
      Set(record.cases.map(\.id)) == [
        "search/tiny/flat", "search/tiny/flat/k=1", "search/tiny/flat/threads=3", "search/tiny/flat/batch=7",
        "search/tiny/flat/k=1,threads=3", "search/tiny/flat/k=1,batch=7", "search/tiny/flat/threads=3,batch=7",
        "search/tiny/flat/k=1,threads=3,batch=7",
      ])
    for one in record.cases {
      #expect(one.failure == nil)
      let recall = try #require(one.metrics["recall@\(one.labels["k"] ?? "")"])
      #expect(recall.value == 1)
      #expect(recall.ci95 == [1, 1])
      #expect(recall.n == 20)
      #expect(try #require(one.metrics["qps"]?.value) > 0)
      #expect(one.metrics["qps"]?.n == 2)
      #expect(one.metrics["qps"]?.ci95 == nil, "two passes give no 95 % interval")
      #expect(try #require(one.metrics["latency_p50"]?.value) > 0)
      // The harness's own cost stands beside the result; how much it is depends on the machine.
      #expect(try #require(one.metrics["harness_overhead"]?.value) > 0)
      #expect(try #require(one.metrics["index_bytes"]?.value) > 300 * 16)
      #expect(try #require(one.metrics["insert_seconds"]?.value) > 0)
    }
    let first = try #require(record.cases.first { $0.id == "search/tiny/flat" })
    #expect(
      first.labels == [
        "dataset": "tiny", "engine": "ragmeter", "index": "flat", "k": "10", "threads": "1", "mode": "single",
        "n": "300", "dimension": "16", "metric": "l2", "queries": "20", "build_threads": "1",
      ])
    #expect(record.cases.first { $0.id == "search/tiny/flat/batch=7" }?.labels["mode"] == "batch")
  }

  @Test func idsAreThoseOfTheCommandLine() throws {
    let argument = try IndexArgument("hnsw:m=16,ef_construction=200,ef=40")
    let hnsw = EngineChoice(
      source: .inTree(kind: "hnsw"),
      build: ParameterGrid(axes: argument.parameters.filter { $0.name != "ef" }).points[0],
      searches: ParameterGrid(axes: argument.parameters.filter { $0.name == "ef" }).points)
    func id(k: Int = 10, mode: SearchPassRequest.Mode = .single, filter: Double = 1) -> String {
      SearchCase.id(
        section: "search", dataset: "sift-5k", engine: hnsw, search: hnsw.searches[0], k: k, threads: 1, mode: mode,
        filter: filter, insertRate: nil)
    }
    #expect(id() == "search/sift-5k/hnsw/m=16,ef_construction=200/ef=40")
    #expect(
      id(k: 100, mode: .batch(size: 10), filter: 0.01)
        == "search/sift-5k/hnsw/m=16,ef_construction=200/k=100,batch=10,filter=0.01/ef=40")
  }

  @Test func metricsComeFromEveryPass() throws {
    let record = try Bench().run(
      "- {workload: search, datasets: [tiny], repetitions: 6, warmup: 2, indexes: [{adapter: none, search: {ef: [10, 20]}}]}"
    )
    #expect(record.cases.compactMap { $0.labels["ef"] }.sorted() == ["10", "20"])
    for one in record.cases {
      #expect(one.metrics["recall@10"]?.value == 1)
      #expect(one.metrics["recall@10_p5"]?.value == 1)
      let qps = MetricValue(2000, unit: "1/s", better: .higher, kind: .timing, ci95: [2000, 2000], n: 6)
      #expect(one.metrics["qps"] == qps)
      let median = try #require(one.metrics["latency_p50"]?.value)
      #expect(abs(median - 10.5e-6) < 1e-12)
      #expect(one.metrics["latency_max"]?.value == 20e-6)
      #expect(one.metrics["latency_p50"]?.n == 120)
      #expect(one.metrics["latency_p99"]?.value != nil)
      #expect(one.metrics["latency_p99"]?.ci95 == nil)
      #expect(one.metrics["latency_p999"]?.value == nil)
      #expect(one.metrics["latency_p999"]?.reason == "120 calls; at least 1000 are needed")
      #expect(one.metrics["distances_per_query"]?.value == 7)
      #expect(one.metrics["visited_per_query"] == nil)
      #expect(one.metrics["insert_seconds"]?.value == 1.75)
      let insertRate: Double = 300 / 1.75
      #expect(one.metrics["insert_rate"]?.value == insertRate)
      #expect(one.metrics["add_latency_p50"]?.value == 0.5)
      #expect(one.metrics["index_bytes"]?.value == 1234)
      #expect(one.metrics["private_bytes"]?.value == nil)
      #expect(one.metrics["private_bytes"]?.reason != nil)
    }
  }

  @Test(arguments: [
    (Fault.build, 2, "cannot be built"), (.search, 1, "dislikes ef = 20"), (.shortAnswer, 2, "answered 199 ids"),
  ])
  func aFailingEngineIsItsCasesFailureAlone(fault: Fault, failures: Int, reason: String) throws {
    let record = try Bench().run(
      "- {workload: search, datasets: [tiny], repetitions: 2, indexes: [{adapter: \(fault), search: {ef: [10, 20]}}, flat]}"
    )
    #expect(record.cases.count == 3)
    let failed = record.cases.filter { $0.failure != nil }
    #expect(failed.count == failures)
    for one in failed {
      #expect(try #require(one.failure).contains(reason))
      #expect(one.metrics.isEmpty)
    }
    #expect(record.cases.first { $0.id == "search/tiny/flat" }?.metrics["recall@10"]?.value == 1)
  }

  @Test(arguments: [(Fault.unknownIDs, 0.0), (.repeatedIDs, 0.1)])
  func nonsenseIdsAreMisses(fault: Fault, recall: Double) throws {
    let bench = try Bench()
    let record = try bench.run("- {workload: search, datasets: [tiny], repetitions: 1, indexes: [{adapter: \(fault)}]}")
    let measured = try #require(record.cases.first?.metrics["recall@10"]?.value)
    #expect(abs(measured - recall) < 1e-6)
    let pass = try RunStore(path: bench.storePath).passes(of: record.cases[0].id, in: record.run.id)[1]
    #expect(pass.samples["worst_queries"] == .int64(Array(0..<10)))
  }

  @Test func filtersRestrictTruthAndAnswer() throws {
    let record = try Bench().run(
      "- {workload: search, datasets: [tiny], filters: [0.1, 0.99, 1], repetitions: 1, indexes: [flat]}")
    #expect(record.cases.map { $0.labels["filter"] ?? "" }.sorted() == ["", "0.1", "0.99"])
    for one in record.cases { #expect(one.metrics["recall@10"]?.value == 1, "\(one.id)") }
  }

  @Test func metricsOfTheDatasetCanBeOverruled() throws {
    let record = try Bench().run(
      "- {workload: search, datasets: [{name: tiny, metric: cosine}], repetitions: 1, indexes: [flat]}")
    #expect(record.cases.first?.labels["metric"] == "cosine")
    #expect(record.cases.first?.metrics["recall@10"]?.value == 1)
  }

  @Test func searchingWhileInsertingCountsWhatWasLate() throws {
    let record = try Bench().run(
      """
      - workload: search
        datasets: [tiny]
        repetitions: 2
        warmup: 0
        while_inserting: {rate: [1000], batch: 5, seconds: 0.02}
        indexes: [flat]
      """)
    let one = try #require(record.cases.first)
    #expect(one.id == "search/tiny/flat/rate=1000")
    #expect(one.failure == nil)
    #expect(one.labels["rate"] == "1000")
    #expect(one.metrics["recall@10"]?.value == nil)
    #expect(one.metrics["recall@10"]?.reason == "the base set changes while it is searched")
    #expect(try #require(one.metrics["qps"]?.value) > 0)
    #expect(try #require(one.metrics["achieved_insert_rate"]?.value) > 0)
    #expect(try #require(one.metrics["late_inserts"]?.value) >= 0)
    #expect(try #require(one.metrics["insert_latency_max"]?.value) > 0)
    #expect(one.metrics["insert_latency_max"]?.n == 8)
  }

  /// The store as a SIGKILL at some search would leave it: copied in that moment, and resumed from the copy.
  @Test(arguments: 0..<6) func aKilledRunResumesToTheSameCases(seed: Int) throws {
    let section = """
      - workload: search
        datasets: [tiny]
        repetitions: 3
        modes: [single, 8]
        indexes: [{adapter: none, search: {ef: [10, 20]}}, {adapter: search, search: {ef: [10, 20]}}, flat]
      """
    var random = SeededRandom(seed: UInt64(seed))
    var searchesLeft = Int.random(in: 0..<20, using: &random)
    var bench = try Bench()
    let copy = bench.folder.path + "/copy.sqlite"
    let original = bench.storePath
    bench.onSearch = {
      searchesLeft -= 1
      guard searchesLeft == -1 else { return }
      for suffix in ["", "-wal"] {
        try? FileManager.default.copyItem(atPath: original + suffix, toPath: copy + suffix)
      }
    }
    let whole = try bench.run(section)
    try #require(FileManager.default.fileExists(atPath: copy), "seed \(seed)")
    bench.onSearch = {}
    let before = try RunStore(path: copy).storedPasses(whole.run.id).values.map(\.count).reduce(0, +)
    let resumed = try bench.run(section, resume: true, storePath: copy)
    #expect(resumed.run.id == whole.run.id, "seed \(seed), \(before) passes were stored")
    func outcome(_ record: RunRecord) -> [String] {
      record.cases.map { "\($0.id) \($0.failure ?? "") \($0.metrics.keys.sorted())" }.sorted()
    }
    #expect(outcome(resumed) == outcome(whole), "seed \(seed)")
  }

  /// A kill between a case's last pass and its metrics leaves nothing to measure, and yet a case to finish.
  @Test func aCaseWhosePassesAreAllStoredIsFinished() throws {
    let section = "- {workload: search, datasets: [tiny], repetitions: 2, indexes: [flat]}"
    let bench = try Bench()
    let whole = try bench.run(section)
    let copy = bench.folder.path + "/copy.sqlite"
    do {
      let store = try RunStore(path: copy)
      var header = whole.run
      header.duration = nil
      _ = try store.createRun(header)
      for pass in try RunStore(path: bench.storePath).passes(of: "search/tiny/flat", in: whole.run.id) {
        try store.storePass(pass.number, of: "search/tiny/flat", in: whole.run.id, samples: pass.samples)
      }
    }
    let resumed = try bench.run(section, resume: true, storePath: copy)
    #expect(resumed.run.id == whole.run.id)
    #expect(resumed.cases == whole.cases)
  }

  @Test func mistakesAreReportedTogether() throws {
    #expect {
      try Bench().plan(
        """
        - workload: search
          datasets: [tiny, {nmae: x}, [1]]
          indexes:
            - flatt
            - flat:nlist=3
            - {index: flat, search: {ef: 10}}
            - {adapter: faiss, index: flat}
            - {adapter: faiss, command: [python], build: {factory: Flat}, serach: {}}
            - "hnsw:m"
          modes: [single, dobule]
          k: 0
          filters: [0.1, 2]
          ties: distence
          repetitions: 0
          build: {thread: 2}
          while_inserting: {batch: 3}
        """)
    } throws: { error in
      "\(error)" == """
        17 mistakes:
          test.yml:3:20: experiments[0].datasets[1]: says no 'name' of a dataset, nor a path
          test.yml:3:21: experiments[0].datasets[1].nmae: unknown key 'nmae'; did you mean 'name'?
          test.yml:3:31: experiments[0].datasets[2]: must be a dataset's name or path, not a list
          test.yml:5:7: experiments[0].indexes[0]: unknown index 'flatt'; did you mean 'flat'?
          test.yml:6:7: experiments[0].indexes[1]: flat has no build parameter 'nlist'; known here: codes
          test.yml:7:29: experiments[0].indexes[2].search: flat has no search parameter 'ef'; it has none
          test.yml:8:7: experiments[0].indexes[3]: needs either an 'index' of the stack or an 'adapter'
          test.yml:9:67: experiments[0].indexes[4].serach: unknown key 'serach'; did you mean 'search'?
          test.yml:10:7: experiments[0].indexes[5]: 'm' in 'hnsw:m' is no parameter; write name=value or name=value|value
          test.yml:11:19: experiments[0].modes[1]: must be single, or a number of queries a call such as 100, not 'dobule'
          test.yml:12:6: experiments[0].k: must hold integers from 1 to 100000, not '0'
          test.yml:13:12: experiments[0].filters: must hold numbers from 1e-06 to 1.0, not '2'
          test.yml:14:9: experiments[0].ties: 'distence' is no choice; did you mean 'distance'?
          test.yml:15:16: experiments[0].repetitions: must be an integer from 1 to 1000, not '0'
          test.yml:16:11: experiments[0].build.thread: unknown key 'thread'; did you mean 'threads'?
          test.yml:17:20: experiments[0].while_inserting: adapters cannot insert while they search; put faiss into another section
          test.yml:17:20: experiments[0].while_inserting: says no 'rate' in vectors a second
        """
    }
  }

  @Test(arguments: [
    ("k: 301", "k = 301 is above the 300 vectors of tiny"),
    ("filters: 0.01", "filter 0.01 leaves 3 of the 300 vectors of tiny, fewer than k = 10"),
    ("while_inserting: {rate: 10000}", "more than half of the 300 of tiny"),
  ])
  func whatTheDataCannotGiveIsRefusedBeforeItRuns(key: String, reason: String) throws {
    #expect {
      try Bench().plan("- {workload: search, datasets: [tiny], indexes: [flat], \(key)}")
    } throws: { error in
      "\(error)".contains(reason)
    }
  }

  @Test func adaptersAreNotAskedForWhatTheirProtocolLacks() throws {
    for key in ["filters: [0.1]", "while_inserting: {rate: 10}"] {
      #expect {
        try Bench().plan("- {workload: search, datasets: [tiny], indexes: [{adapter: none}], \(key)}")
      } throws: { error in
        "\(error)".contains("adapters cannot")
      }
    }
  }
}
