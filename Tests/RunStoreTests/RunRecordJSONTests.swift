import Foundation
import RunStore
import Testing

struct RunRecordJSONTests {
  /// The names and shapes are the document's ("JSON of a run").
  @Test func theJSONIsTheDocumentedOne() throws {
    var run = header(id: "r1")
    run.duration = 12.5
    let json = String(decoding: try RunRecord(run: run, cases: [sampleCase("c1")]).json(), as: UTF8.self)
    #expect(
      json == """
        {
          "cases" : [
            {
              "id" : "c1",
              "labels" : {
                "ef" : "40",
                "index" : "hnsw",
                "note" : "tie \\"quoted\\" ü"
              },
              "metrics" : {
                "index_bytes" : {
                  "better" : "lower",
                  "kind" : "size",
                  "n" : 0,
                  "reason" : "the engine cannot tell",
                  "unit" : "B",
                  "value" : null
                },
                "recall@10" : {
                  "better" : "higher",
                  "ci95" : [
                    0.98,
                    0.995
                  ],
                  "kind" : "quality",
                  "n" : 1000,
                  "unit" : "ratio",
                  "value" : 0.99
                }
              },
              "workload" : "search"
            }
          ],
          "run" : {
            "duration" : 12.5,
            "git" : {
              "commit" : "0123abc",
              "dirty" : true
            },
            "id" : "r1",
            "machine" : {
              "build" : "release",
              "caches" : [
                "L1d 48 KiB"
              ],
              "cores" : 2,
              "cpu" : "Example CPU",
              "kernel" : "unknown",
              "memory" : 25769803776,
              "os" : "unknown",
              "physical_cores" : 2,
              "simd" : "avx512",
              "swift" : "unknown",
              "virtualized" : false
            },
            "name" : "index-peers",
            "seed" : 18446744073709551615,
            "started" : "2026-01-31T12:34:56.789Z",
            "valid" : true,
            "warnings" : [
              "a core was busy"
            ],
            "workload_hash" : "w1"
          },
          "schema" : "ragmeter.run/1"
        }

        """)
  }

  @Test(arguments: [
    ("", "it is no JSON"),
    ("[]", "the whole is no Dictionary<String, Any>"),
    (#"{"schema": "ragmeter.run/2"}"#, "'schema': it is 'ragmeter.run/2', and only 'ragmeter.run/1' is understood"),
    (#"{"schema": "ragmeter.run/1", "cases": []}"#, "'run' is missing"),
  ])
  func badJSONNamesTheFieldAtFault(json: String, reason: String) {
    #expect(throws: RunStoreError.notARun(source: "x.json", reason: reason)) {
      try RunRecord(json: Data(json.utf8), source: "x.json")
    }
  }

  @Test func aFieldDeepInsideIsNamed() throws {
    let json = String(decoding: try RunRecord(run: header(id: "r"), cases: [sampleCase()]).json(), as: UTF8.self)
    let broken = json.replacingOccurrences(of: "\"n\" : 1000", with: "\"n\" : \"many\"")
    #expect(
      throws: RunStoreError.notARun(source: "x.json", reason: "'cases[0].metrics.recall@10.n' is no Int")
    ) {
      try RunRecord(json: Data(broken.utf8), source: "x.json")
    }
  }

  @Test func aNumberThatIsNoneBecomesNullWithAReason() {
    let metric = MetricValue(.nan, unit: "s", better: .lower, kind: .timing, ci95: [0, .infinity])
    #expect(metric.value == nil)
    #expect(metric.ci95 == nil)
    #expect(metric.reason == "the measurement gave nan")
  }

  @Test func timestampsAreRFC3339InUTC() {
    #expect(RunHeader.timestamp(Date(timeIntervalSince1970: 1_769_862_896.789)) == "2026-01-31T12:34:56.789Z")
  }
}
