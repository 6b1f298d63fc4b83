import Dispatch
import Foundation
import Generation
import JSON
import RAGServer
import Synchronization
import TestFixtures
import Testing

/// Clients that go away, servers that stop, and what comes of the requests.
@Suite struct LeavingTests {
  private func endless(_ n: Int = 1, stream: Bool) -> String {
    #"{"prompt":"abc","n":\#(n),"max_tokens":900,"stream":\#(stream)}"#
  }

  @Test(arguments: [true, false]) func aClientThatGoesAwayFreesItsBlocks(stream: Bool) async throws {
    let live = try LiveServer(isOpen: false)
    let client = try live.client()
    client.post("/v1/completions", endless(3, stream: stream))
    live.gate.pass(3)
    live.until { $0.totals.steps == 3 }
    #expect(live.engine.statistics.occupancy.blocksUsed > 0)
    // Nothing is written meanwhile: the engine stands before its gate, and then has nothing more to do.
    client.leave()
    // The watcher tells the engine, which looks after the step it is in.
    live.gate.pass(1)
    while live.engine.statistics.cancelledRequests == 0 {
      live.gate.pass(1)
      LiveServer.rest()
    }
    live.until { $0.occupancy.blocksUsed == 0 }
    #expect(live.engine.statistics.totals.steps < 900)
    let metrics = try live.get("/metrics").text
    #expect(
      metrics.contains("finished_reason=\"abort\"} 3")
        || metrics.contains("finished_reason=\"abort\",model_name=\"alphabet\"} 3"))
    await live.end()
  }

  @Test func drainingEndsWhatRunsAndLetsNobodyIn() async throws {
    let live = try LiveServer(isOpen: false)
    let streaming = try live.client()
    streaming.post("/v1/completions", #"{"prompt":"abc","max_tokens":5,"stream":true}"#)
    #expect(streaming.wait(for: "200 OK"))
    let idle = try live.client()
    idle.get("/health")
    #expect(idle.answer().status == 200)
    let drained = Mutex<Int?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let ended = live.server.drain(seconds: 60)
      drained.withLock { $0 = ended }
      done.signal()
    }
    var status = 200
    while status == 200 {
      idle.get("/health")
      status = idle.answer().status
    }
    #expect(status == 503)
    let late = try live.post("/v1/completions", endless(stream: false))
    #expect(late.status == 503 && late.field("retry-after") != nil)
    #expect(drained.withLock { $0 } == nil, "one is under way")
    live.gate.openForGood()
    let answer = streaming.answer()
    #expect(answer.isWhole && answer.events.last == "[DONE]" && answer.text.contains("\"finish_reason\":\"length\""))
    done.wait()
    #expect(drained.withLock { $0 } == 0)
    await live.end()
    #expect(throws: (any Error).self) { try live.get("/health") }
  }

  @Test func whatIsNotDoneInTimeEndsWithAnError() async throws {
    let live = try LiveServer(isOpen: false)
    let streaming = try live.client()
    streaming.post("/v1/completions", endless(stream: true))
    let whole = try live.client()
    whole.post("/v1/completions", endless(stream: false))
    live.gate.pass(2)
    #expect(streaming.wait(for: "\"text\""))
    // Both are in the engine.
    while live.engine.statistics.occupancy.running + live.engine.statistics.occupancy.waiting < 2 {
      live.gate.pass(1)
      LiveServer.rest()
    }
    #expect(live.server.drain(seconds: 0) == 2)
    let stream = streaming.answer()
    #expect(stream.isWhole && stream.events.last == "[DONE]")
    let error = try JSONValue.parse(stream.events[stream.events.count - 2])["error"]
    #expect(error?["code"]?.integer == 503)
    #expect(whole.answer().status == 503)
    await live.end()
    #expect(live.engine.statistics.cancelledRequests + live.engine.statistics.failedRequests <= 2)
  }

  /// Whatever clients do, each of their requests is finished, cancelled or refused, and nothing is kept.
  @Test func everythingSubmittedIsAccountedFor() async throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let live = try LiveServer(blocks: 120, maxModelLength: 100, maxSequences: 8, maxWaiting: 20) {
      $0.maxConcurrentRequests = 25
    }
    var sent = 0
    var statuses: [Int: Int] = [:]
    for _ in 0..<30 {
      var clients: [(RawClient, leaves: Bool)] = []
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let client = try live.client()
        let prompt = String(repeating: "p", count: Int.random(in: 0...110, using: &random))
        let n = Int.random(in: 0...10, using: &random)
        let isStream = Bool.random(using: &random)
        client.post(
          "/v1/completions",
          #"{"prompt":"\#(prompt)","n":\#(n),"max_tokens":\#(Int.random(in: 0...60, using: &random)),"stream":\#(isStream)}"#
        )
        sent += 1
        clients.append((client, Int.random(in: 0..<4, using: &random) == 0))
      }
      for (client, leaves) in clients {
        if leaves {
          client.leave()
        } else {
          let answer = client.answer()
          #expect(answer.isWhole, "seed \(seed)")
          statuses[answer.status, default: 0] += 1
        }
      }
    }
    #expect(live.server.drain(seconds: 20) == 0, "seed \(seed)")
    let statistics = live.engine.statistics
    let handled = statistics.finishedRequests + statistics.cancelledRequests + statistics.failedRequests
    #expect(handled <= sent && handled >= statuses[200] ?? 0, "seed \(seed): \(statuses)")
    live.until { $0.occupancy.blocksUsed == 0 && $0.occupancy.waiting == 0 && $0.occupancy.running == 0 }
    #expect(Set(statuses.keys).isSubset(of: [200, 400, 429]), "seed \(seed): \(statuses)")
    await live.end()
  }
}
