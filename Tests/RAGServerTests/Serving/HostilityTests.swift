import Generation
import Glibc
import JSON
import RAGServer
import TestFixtures
import Testing

/// Whatever comes over its socket, a server stays alive and answers others.
@Suite struct HostilityTests {
  private static let requests = [
    "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n"
      + #"{"prompt":"abc","max_tokens":3}"#,
    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
      + "\r\n4b\r\n" + #"{"messages":[{"role":"user","content":"x"}],"max_tokens":2,"stream":true  }"#
      + "\r\n0\r\n\r\n",
    "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
  ]

  @Test func randomBytesAtTheSocket() async throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let live = try LiveServer()
    let together = 100
    for round in stride(from: 0, to: Fuzz.rounds(10_000), by: together) {
      let clients = try (round..<round + together).map { number in
        var bytes: [UInt8]
        if number % 2 == 0 {
          bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        } else {
          bytes = Array(Self.requests[number / 2 % Self.requests.count].utf8)
          for _ in 0..<Int.random(in: 1...4, using: &random) { random.damage(&bytes) }
        }
        let client = try live.client()
        client.send(bytes)
        // Whatever the server makes of it, it closes the connection then.
        shutdown(client.descriptor, Int32(SHUT_WR))
        return client
      }
      for client in clients { while client.receive(atMost: 1 << 12) {} }
      #expect(try live.get("/health").status == 200, "seed \(seed), round \(round)")
    }
    let answer = try live.post("/v1/completions", #"{"prompt":"abc","max_tokens":3}"#)
    #expect(answer.status == 200, "seed \(seed)")
    live.until { $0.occupancy.blocksUsed == 0 }
    await live.end()
  }

  @Test func aReaderThatDoesNotReadCostsABoundedOutbox() async throws {
    let live = try LiveServer(blocks: 20_000, maxModelLength: 20_000) { $0.maxPendingBytes = 1 << 16 }
    let client = try live.client(receiveBuffer: 4096)
    client.post("/v1/completions", #"{"prompt":"abc","n":8,"max_tokens":19000,"stream":true}"#)
    live.until { $0.cancelledRequests == 1 }
    live.until { $0.occupancy.blocksUsed == 0 }
    #expect(live.engine.statistics.generatedTokens < 8 * 19_000)
    #expect(try live.get("/metrics").text.contains("slow"))
    await live.end()
  }

  @Test func twoThousandOpenStreams() async throws {
    let count = 2000
    let live = try LiveServer(isOpen: false) { $0.maxConnections = 2 * count + 200 }
    let clients = try (0..<count).map { _ in try live.client() }
    for client in clients {
      client.post("/v1/completions", #"{"prompt":"abc","max_tokens":2,"stream":true,"temperature":0}"#)
    }
    for client in clients { #expect(client.wait(for: "200 OK")) }
    live.gate.openForGood()
    for client in clients {
      let answer = client.answer()
      #expect(answer.isWhole && answer.events.count == 3 && answer.events[2] == "[DONE]")
    }
    #expect(live.engine.statistics.finishedRequests == count)
    await live.end()
  }
}
