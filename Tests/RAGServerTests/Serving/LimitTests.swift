import Generation
import JSON
import RAGServer
import TestFixtures
import Testing

/// What a server refuses, and how it says so.
@Suite struct LimitTests {
  private static let small = #"{"prompt":"abc","max_tokens":4}"#

  @Test func aKeyIsAsked() async throws {
    let live = try LiveServer { $0.apiKey = "right key" }
    for header in [
      nil, "Authorization: Bearer wrong key", "Authorization: Bearer right key2", "Authorization: right key",
    ] {
      let answer = try live.get("/v1/models", headers: header.map { [$0] } ?? [])
      #expect(answer.status == 401 && answer.json["error"]?["type"]?.string == "AuthenticationError")
      #expect(!answer.text.contains("right key"))
    }
    #expect(try live.get("/v1/models", headers: ["Authorization: Bearer right key"]).status == 200)
    #expect(try live.post("/v1/completions", Self.small).status == 401)
    #expect(try live.get("/nothing").status == 401, "who has no key is not told what there is")
    for path in ["/health", "/version", "/metrics"] { #expect(try live.get(path).status == 200) }
    await live.end()
  }

  @Test func pathsMethodsAndTypes() async throws {
    let live = try LiveServer()
    let missing = try live.get("/v1/nothing")
    #expect(missing.status == 404 && missing.json["error"]?["code"]?.integer == 404)
    let wrong = try live.get("/v1/completions")
    #expect(wrong.status == 405 && wrong.field("allow") == "POST")
    #expect(try live.post("/v1/models", "{}").status == 405)
    let text = try live.post("/v1/completions", Self.small, headers: ["Content-Type: text/plain"])
    #expect(text.status == 400 && text.message.contains("Only 'application/json' is allowed"))
    #expect(try live.post("/v1/completions", "{").status == 400)
    #expect(try live.post("/v1/completions", #"{"model":"other","prompt":"x"}"#).status == 404)
    let long = try live.post("/v1/completions", "{\"prompt\":\"\(String(repeating: "x", count: 1001))\"}")
    #expect(long.status == 400 && long.message.contains("maximum context length is 1000 tokens"))
    // What only the engine sees: more outputs than run at once.
    let many = try live.post("/v1/completions", #"{"prompt":"x","n":100,"max_tokens":2}"#)
    #expect(many.status == 400 && many.message.contains("max_num_seqs"))
    await live.end()
  }

  @Test func aBodyBeyondTheLimit() async throws {
    let live = try LiveServer { $0.maxBodyBytes = 1000 }
    let body = #"{"prompt":""# + String(repeating: "x", count: 2000) + #"","max_tokens":1}"#
    let known = try live.client()
    known.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
    let early = known.answer()
    #expect(early.status == 413, "refused by its length, before it comes")
    #expect(early.json["error"]?["type"]?.string == "RequestTooLargeError")
    let chunked = try live.client()
    chunked.send(
      "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for _ in 0..<3 { chunked.send("1f4\r\n" + String(repeating: "x", count: 500) + "\r\n") }
    let late = chunked.answer()
    #expect(late.status == 413 && late.message.contains("1000 bytes"), "refused as soon as too much has come")
    let huge = try live.client()
    huge.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n")
    #expect([400, 413].contains(huge.answer().status))
    let asks = try live.client()
    asks.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
    #expect(asks.answer().status == 413)
    #expect(try live.post("/v1/completions", Self.small).status == 200)
    await live.end()
  }

  @Test func fullQueuesSayWhenToComeBack() async throws {
    let live = try LiveServer(isOpen: false, maxSequences: 1, maxWaiting: 2) { $0.retryAfterSeconds = 7 }
    var clients: [RawClient] = []
    let client = try live.client()
    client.post("/v1/completions", Self.small)
    clients.append(client)
    live.untilHeld(before: 1)
    for _ in 0..<4 {
      let client = try live.client()
      client.post("/v1/completions", Self.small)
      clients.append(client)
    }
    // Two of the five have found a place, whichever they are.
    while try !live.get("/metrics").text.contains("reason=\"queue\"} 3") { LiveServer.rest() }
    live.gate.openForGood()
    let statuses = clients.map { client in
      let answer = client.answer()
      if answer.status == 429 {
        #expect(answer.field("retry-after") == "7" && answer.json["error"]?["type"]?.string == "RateLimitError")
      }
      return answer.status
    }
    #expect(statuses.sorted() == [200, 200, 429, 429, 429])
    let several = try live.post("/v1/completions", #"{"prompt":["a","b","c"],"max_tokens":1}"#)
    #expect(several.status == 400, "it would never find so many places")
    await live.end()
  }

  @Test func requestsAtOnceAreCounted() async throws {
    let live = try LiveServer(isOpen: false) { $0.maxConcurrentRequests = 2 }
    let clients = try (0..<2).map { _ in try live.client() }
    for client in clients {
      client.post("/v1/completions", #"{"prompt":"abc","max_tokens":4,"stream":true}"#)
      #expect(client.wait(for: "200 OK"))
    }
    let third = try live.post("/v1/completions", Self.small)
    #expect(third.status == 429 && third.message.contains("2 requests are under way"))
    live.gate.openForGood()
    for client in clients { #expect(client.answer().isWhole) }
    #expect(try live.post("/v1/completions", Self.small).status == 200)
    // One after the other on another connection each time: who has seen the end may come back at once.
    for _ in 0..<50 {
      let pair = try (0..<2).map { _ in try live.client() }
      for client in pair {
        client.post("/v1/completions", #"{"prompt":"abc","max_tokens":1,"stream":true}"#)
      }
      for client in pair {
        #expect(client.wait(for: "[DONE]"))
        #expect(client.unread.contains("200 OK"))
      }
    }
    await live.end()
  }
}
