import Generation
import GenerationClient
import HTTP
import TestFixtures

/// One client on a loop of its own, against a server that follows a script.
struct ClientFixture {
  let loop: TransferLoop
  let client: CompletionClient

  init(
    _ server: FaultServer, preset: String = "vllm", key: APIKey? = nil, attempts: Int = 1, date: Int = 0,
    _ adjust: (inout ClientOptions) -> Void = { _ in }
  ) throws {
    var options = ClientOptions()
    options.retries.attempts = attempts
    // The test would wait.
    options.retries.first = 0.001
    adjust(&options)
    loop = try TransferLoop()
    client = CompletionClient(
      server: try ServerProfile(url: server.url, preset: preset), model: "m", key: key, options: options, loop: loop,
      date: { date })
  }

  static func request(
    n: Int = 1, endpoint: ClientRequest.Endpoint = .completions, keepsText: Bool = true
  ) -> ClientRequest {
    var sampling = SamplingParameters()
    sampling.n = n
    return ClientRequest(prompt: .text("Once"), sampling: sampling, endpoint: endpoint, keepsText: keepsText)
  }

  /// Sends the requests at once and answers what became of each; a request that is told of twice, or never, is a mistake.
  func outcomes(_ requests: [ClientRequest]) throws -> [RequestOutcome] {
    var outcomes: [RequestOutcome?] = Array(repeating: nil, count: requests.count)
    var calls = 0
    for (index, request) in requests.enumerated() {
      client.send(request, intended: loop.now) { outcome in
        calls += 1
        outcomes[index] = outcome
      }
    }
    try loop.run { calls >= requests.count }
    let ended = outcomes.compactMap { $0 }
    guard ended.count == requests.count, calls == ended.count else { throw Miscount(calls: calls) }
    return ended
  }

  struct Miscount: Error { var calls: Int }

  func outcome(_ request: ClientRequest = Self.request()) throws -> RequestOutcome { try outcomes([request])[0] }
}

/// JSON of chunks, as vLLM writes them.
enum Chunk {
  static func text(
    _ text: String, index: Int = 0, ids: [Int]? = nil, finish: String? = nil, usage: (Int, Int)? = nil
  ) -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    let tokens = ids.map { ",\"token_ids\":\($0)" } ?? ""
    return """
      {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":\(index),"text":"\(text)",\
      "logprobs":null,"finish_reason":\(reason)\(tokens)}]\(usage.map { ",\(Self.usage($0))" } ?? "")}
      """
  }

  static func delta(_ delta: String, index: Int = 0, finish: String? = nil) -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return
      #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":\#(index),"delta":\#(delta),"finish_reason":\#(reason)}]}"#
  }

  static func usage(_ usage: (Int, Int)) -> String {
    #""usage":{"prompt_tokens":\#(usage.0),"total_tokens":\#(usage.0 + usage.1),"completion_tokens":\#(usage.1)}"#
  }

  static func end(_ prompt: Int, _ completion: Int) -> String { #"{"choices":[],\#(usage((prompt, completion)))}"# }

  /// A whole stream of such events.
  static func stream(_ events: [String], isDone: Bool = true) -> [FaultServer.Step] {
    [.streamHead] + (events + (isDone ? ["[DONE]"] : [])).map { .event($0) } + [.streamEnd]
  }

  /// Three tokens.
  static let good = stream([
    text(" a", ids: [1]), text(" b", ids: [2]), text(" c", ids: [3], finish: "length"), end(5, 3),
  ])
}
