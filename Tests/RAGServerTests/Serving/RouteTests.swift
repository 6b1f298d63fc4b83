import Embedders
import Generation
import JSON
import RAGServer
import TestFixtures
import Testing

/// Every route over the loopback interface, as a client sees it.
@Suite struct RouteTests {
  @Test func whatCanBeAskedWithoutABody() async throws {
    let live = try LiveServer(embedder: HashingEmbedder(dimension: 8))
    let client = try live.client()
    client.get("/v1/models")
    let models = client.answer()
    #expect(models.status == 200 && models.field("content-type") == "application/json")
    #expect(models.json["data"]?.array?.compactMap { $0["id"]?.string } == ["alphabet", "hashing"])
    client.get("/health")
    #expect(client.answer().status == 200)
    client.get("/version?verbose=1")
    #expect(client.answer().json["version"]?.string?.isEmpty == false)
    client.get("/metrics")
    let metrics = client.answer()
    #expect(metrics.field("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
    #expect(metrics.text.contains("vllm:num_requests_running{engine=\"0\",model_name=\"alphabet\"} 0"))
    client.send("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n")
    client.get("/version")
    #expect(client.wait(for: "version"))
    await live.end()
  }

  @Test func completions() async throws {
    let live = try LiveServer()
    let answer = try live.post(
      "/v1/completions", #"{"model":"alphabet","prompt":"xyz","max_tokens":5,"temperature":0}"#)
    #expect(answer.status == 200 && answer.isWhole && answer.field("content-type") == "application/json")
    let choice = try #require(answer.json["choices"]?.array?.first)
    #expect(choice["text"]?.string == AlphabetExecutor.text(after: 3, count: 5))
    #expect(choice["finish_reason"]?.string == "length")
    #expect(answer.json["id"]?.string?.hasPrefix("cmpl-") == true)
    #expect(answer.json["usage"]?["total_tokens"]?.integer == 8)
    await live.end()
  }

  @Test func severalPromptsAreNumberedByPromptAndOutput() async throws {
    let live = try LiveServer()
    let prompts = ["x", "xy", "xyz"]
    let answer = try live.post(
      "/v1/completions", #"{"prompt":["x","xy","xyz"],"n":2,"max_tokens":4,"temperature":0.5}"#)
    let choices = try #require(answer.json["choices"]?.array)
    #expect(choices.compactMap { $0["index"]?.integer } == Array(0..<6))
    for (place, choice) in choices.enumerated() {
      #expect(choice["text"]?.string == AlphabetExecutor.text(after: prompts[place / 2].count, count: 4))
    }
    #expect(answer.json["usage"]?["prompt_tokens"]?.integer == 6)
    #expect(answer.json["usage"]?["completion_tokens"]?.integer == 24)
    await live.end()
  }

  @Test(arguments: [1, 3]) func streams(n: Int) async throws {
    let live = try LiveServer()
    let client = try live.client()
    for round in 0..<2 {
      client.post(
        "/v1/chat/completions",
        """
        {"messages":[{"role":"user","content":"hi"}],"n":\(n),"max_tokens":6,"stream":true,
         "stream_options":{"include_usage":true}}
        """)
      let answer = client.answer()
      #expect(answer.status == 200 && answer.isWhole, "round \(round)")
      #expect(answer.field("content-type") == "text/event-stream; charset=utf-8")
      #expect(answer.events.last == "[DONE]")
      let chunks = try answer.events.dropLast().map { try JSONValue.parse($0) }
      #expect(Set(chunks.compactMap { $0["id"]?.string }).count == 1)
      var texts = Array(repeating: "", count: n)
      var ended: Set<Int> = []
      for choice in chunks.compactMap({ $0["choices"]?.array?.first }) {
        let index = try #require(choice["index"]?.integer)
        #expect(!ended.contains(index), "nothing follows a choice's last chunk")
        texts[index] += choice["delta"]?["content"]?.string ?? ""
        if choice["finish_reason"]?.string == "length" { ended.insert(index) }
      }
      #expect(ended == Set(0..<n) && Set(texts).count == 1 && texts[0].count == 6)
      let usage = try #require(chunks.last?["usage"])
      #expect(chunks.last?["choices"]?.array?.isEmpty == true)
      #expect(usage["completion_tokens"]?.integer == 6 * n)
    }
    #expect(live.engine.statistics.finishedRequests == 2)
    await live.end()
  }

  @Test func aStreamComesWhileItIsMade() async throws {
    let live = try LiveServer(isOpen: false)
    let client = try live.client()
    client.post("/v1/completions", #"{"prompt":"abc","max_tokens":4,"stream":true,"temperature":0}"#)
    #expect(client.wait(for: "text/event-stream"), "the head does not wait for a token")
    for place in 0..<4 {
      #expect(!client.unread.contains("\"text\":\"\(AlphabetExecutor.text(after: 3 + place, count: 1))\""))
      live.gate.pass(1)
      #expect(client.wait(for: "\"text\":\"\(AlphabetExecutor.text(after: 3 + place, count: 1))\""))
    }
    #expect(client.answer().events.last == "[DONE]")
    await live.end()
  }

  @Test func tokensAndTexts() async throws {
    let live = try LiveServer()
    let ids = try live.post("/tokenize", #"{"prompt":"abc"}"#)
    #expect(ids.json["tokens"]?.array?.compactMap(\.integer) == [97, 98, 99] && ids.json["count"]?.integer == 3)
    let chat = try live.post("/tokenize", #"{"messages":[{"role":"user","content":"z"}]}"#)
    #expect(chat.status == 200 && chat.json["count"]?.integer ?? 0 > 3)
    let text = try live.post("/detokenize", #"{"tokens":[97,98]}"#)
    #expect(text.json["prompt"]?.string == "ab")
    await live.end()
  }

  @Test func embeddings() async throws {
    let embedder = try HashingEmbedder(dimension: 16)
    let live = try LiveServer(embedder: embedder)
    let answer = try live.post("/v1/embeddings", #"{"model":"hashing","input":["a word","and another"]}"#)
    #expect(answer.status == 200)
    let expected = try embedder.embed(["a word", "and another"], as: .document)
    let given = try #require(answer.json["data"]?.array)
    for (index, one) in given.enumerated() {
      let values = one["embedding"]?.array?.compactMap(\.number) ?? []
      #expect(values.map { Float($0) } == Array(expected[index]) && one["index"]?.integer == index)
    }
    await live.end()
    let without = try LiveServer()
    #expect(try without.post("/v1/embeddings", #"{"input":"x"}"#).status == 404)
    await without.end()
  }

  @Test func anErrorInTheMidstOfAStreamIsAnEvent() async throws {
    let live = try LiveServer(isOpen: false, failingSteps: true)
    let client = try live.client()
    client.post("/v1/completions", #"{"prompt":"abc","max_tokens":4,"stream":true}"#)
    #expect(client.wait(for: "200 OK"))
    live.gate.openForGood()
    let answer = client.answer()
    #expect(answer.status == 200 && answer.isWhole)
    #expect(answer.events.count == 2 && answer.events[1] == "[DONE]")
    let error = try JSONValue.parse(answer.events[0])["error"]
    #expect(error?["code"]?.integer == 500)
    #expect(error?["message"]?.string?.contains("the cable is loose") == true)
    let whole = try live.post("/v1/completions", #"{"prompt":"abc","max_tokens":4}"#)
    #expect(whole.status == 500 && whole.message.contains("the cable is loose"))
    #expect(try live.get("/health").status == 200)
    await live.end()
  }
}
