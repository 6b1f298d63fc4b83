import Foundation
import RunStore
import Testing
import Workloads

/// The whole way: a section, its loads over loopback to a server that generates nothing, and what is stored of them.
@Suite(.serialized) struct ServeNullServerTests {
  private func serving() -> ServingResources {
    ServingResources.standard(program: "/nonexistent/ragmeter", environment: ["TMPDIR": NSTemporaryDirectory()])
  }

  @Test func loadsAreMeasured() throws {
    let server = try NullServer()
    defer { server.stop() }
    let bench = try ServeBench()
    let record = try bench.run(
      """
        - workload: serve
          servers: [{url: "\(server.url)", preset: vllm, as: idle}]
          prompts: [{source: lengths, prompt: 20, output: 8, as: short}]
          n: [1, 3]
          compare_n: true
          load: [{concurrency: 4}, {rate: 200, arrivals: constant}]
          requests: 60
          slo: {ttft: 10s}
          endpoint: chat
          repetitions: 2
      """, serving: serving())
    #expect(record.cases.count == 6)
    for one in record.cases {
      #expect(one.failure == nil, "\(one.id)")
      #expect(one.metrics["scheduled"]?.value == 120, "\(one.id)")
      #expect(one.metrics["completed"]?.value == 120, "\(one.id)")
      #expect((one.metrics["output_tokens_per_second"]?.value ?? 0) > 0, "\(one.id)")
      #expect((one.metrics["ttft_p50"]?.value ?? 0) > 0, "\(one.id)")
      #expect(one.metrics["good_share"]?.value == 1, "\(one.id)")
    }
  }

  @Test func aCeilingNeedsAServerThatTellsOfItsMemory() throws {
    let server = try NullServer()
    defer { server.stop() }
    let record = try ServeBench().run(
      """
        - workload: serve
          servers: [{url: "\(server.url)", as: idle}]
          prompts: [{source: lengths, prompt: 20, output: 8, as: short}]
          load: [{concurrency: 1}]
          requests: 3
          kv_ceiling: 0.9
          repetitions: 1
      """, serving: serving())
    #expect(record.cases[0].failure?.contains("idle does not tell how many KV blocks it has") == true)
  }

  @Test func aServerThatIsNotThereIsNamed() throws {
    let port = try {
      let server = try NullServer()
      defer { server.stop() }
      return server.port
    }()
    let record = try ServeBench().run(
      """
        - workload: serve
          servers: [{url: "http://127.0.0.1:\(port)", as: gone}, {start: ragmeter, model: bytes}]
          prompts: [{source: lengths, prompt: 20, output: 8, as: short}]
          load: [{concurrency: 1}]
          requests: 3
          repetitions: 1
      """, serving: ServingResources(tokenizer: { _ in ByteTokenizer() }, open: serving().open))
    let gone = try #require(record.cases.first { $0.labels["engine"] == "gone" }?.failure)
    #expect(gone.contains("http://127.0.0.1:\(port)/v1 cannot be reached"))
    let own = try #require(record.cases.first { $0.labels["engine"] == "ragmeter" }?.failure)
    #expect(own.hasPrefix("ragmeter serve ended with exit code 127; its log ends:"))
  }
}
