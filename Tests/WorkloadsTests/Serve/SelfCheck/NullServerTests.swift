import Generation
import GenerationClient
import HTTP
import JSON
import Testing
import Workloads

/// A null server over a real socket.
@Suite struct NullServerTests {
  private func post(_ server: NullServer, _ path: String, _ body: String) throws -> HTTPResponse {
    try HTTPResponse.post(
      server.url + path, body: Array(body.utf8), headers: ["Content-Type: application/json"], limit: 1 << 24,
      patience: 20)
  }

  private func events(_ response: HTTPResponse) throws -> [JSONValue] {
    let events = String(decoding: response.body, as: UTF8.self).split(separator: "\n\n")
    #expect(response.headers["content-type"]?.hasPrefix("text/event-stream") == true)
    #expect(events.last == "data: [DONE]")
    return try events.dropLast().map {
      #expect($0.hasPrefix("data: "))
      return try JSONValue.parse(String($0.dropFirst(6)))
    }
  }

  @Test(arguments: [nil, 500.0])
  func streamsHaveEveryTokenOfEveryOutput(pace: Double?) throws {
    let server = try NullServer(tokensPerSecond: pace)
    let response = try post(
      server, "/v1/completions",
      """
      {"prompt":[1,2,3],"n":3,"max_tokens":5,"stream":true,"return_token_ids":true,
       "stream_options":{"include_usage":true,"continuous_usage_stats":true}}
      """)
    let events = try events(response)
    #expect(events.count == 3 * 5 + 1)
    for index in 0..<3 {
      let own = events.filter { $0["choices"]?.array?.first?["index"]?.integer == index }
      #expect(own.map { $0["usage"]?["completion_tokens"]?.integer } == [1, 2, 3, 4, 5])
      let choices = own.compactMap { $0["choices"]?.array?.first }
      #expect(choices.map { $0["finish_reason"]?.string } == [nil, nil, nil, nil, "length"])
      #expect(choices.allSatisfy { $0["token_ids"]?.array?.count == 1 && $0["text"]?.string == " null" })
    }
    #expect(events.last?["choices"] == .array([]))
    #expect(events.last?["usage"]?["prompt_tokens"]?.integer == 3)
    #expect(events.last?["usage"]?["completion_tokens"]?.integer == 15)
    #expect(events.last?["usage"]?["total_tokens"]?.integer == 18)
    #expect(server.statistics.requests == 1)
  }

  @Test func chatsBeginWithARoleForEachOutput() throws {
    let server = try NullServer()
    let events = try events(
      post(
        server, "/v1/chat/completions",
        #"{"messages":[{"role":"user","content":"a"}],"n":2,"max_completion_tokens":1,"stream":true}"#))
    let choices = events.compactMap { $0["choices"]?.array?.first }
    #expect(choices.map { $0["index"]?.integer } == [0, 1, 0, 1])
    #expect(choices.map { $0["delta"]?["role"]?.string } == ["assistant", "assistant", nil, nil])
    #expect(choices.map { $0["finish_reason"]?.string } == [nil, nil, "length", "length"])
  }

  @Test func wholeAnswersHaveAllTokens() throws {
    let server = try NullServer()
    let response = try post(server, "/v1/completions", #"{"prompt":"abcdefgh","n":2,"max_tokens":3}"#)
    let answer = try JSONValue.parse(String(decoding: response.body, as: UTF8.self))
    #expect(answer["choices"]?.array?.map { $0["text"]?.string } == [" null null null", " null null null"])
    #expect(answer["usage"]?["completion_tokens"]?.integer == 6)
    #expect(answer["usage"]?["prompt_tokens"]?.integer == 2)
  }

  @Test(arguments: ["", "[]", "{\"n\":0}", "{\"n\":1e9}", "{\"max_tokens\":-1}", "{\"max_tokens\":1000001}"])
  func bodiesThatAreNoRequestsAreRefused(body: String) throws {
    let server = try NullServer()
    let response = try post(server, "/v1/completions", body)
    #expect(response.status == 400)
    #expect(server.statistics.requests == 0)
  }

  @Test func otherPathsAnswerWhatClientsAskFirst() throws {
    let server = try NullServer()
    #expect(try HTTPResponse.get(server.url + "/health", limit: 100).status == 200)
    #expect(try HTTPResponse.get(server.url + "/v1/models", limit: 1000).status == 200)
    let page = try HTTPResponse.get(server.url + "/metrics", limit: 10_000)
    #expect(String(decoding: page.body, as: UTF8.self).contains("vllm:kv_cache_usage_perc 0"))
    #expect(try post(server, "/nothing", "{}").status == 404)
  }

  @Test func itStopsWhileStreamsAreOpen() throws {
    let server = try NullServer(tokensPerSecond: 0.001)
    let loop = try TransferLoop()
    var options = ClientOptions()
    options.retries.attempts = 1
    let client = CompletionClient(
      server: try ServerProfile(url: server.url, preset: "vllm"), model: nil, key: nil, options: options, loop: loop)
    var sampling = SamplingParameters()
    sampling.maxTokens = 1000
    let request = ClientRequest(prompt: .text("a"), sampling: sampling, endpoint: .completions)
    let streams = 200
    var begun = 0
    var outcomes: [RequestOutcome] = []
    for _ in 0..<streams {
      client.send(
        request, intended: loop.now, progress: { _ in begun += 1 }, finished: { outcomes.append($0) })
    }
    try loop.run { begun == streams }
    #expect(server.statistics.open == streams)
    #expect(outcomes.isEmpty)
    server.stop()
    server.stop()
    try loop.run { outcomes.count == streams }
    #expect(outcomes.allSatisfy { if case .failed = $0.status { $0.outputTokens == 1 } else { false } })
    #expect(throws: (any Error).self) { try HTTPResponse.get(server.url + "/health", limit: 100) }
  }
}
