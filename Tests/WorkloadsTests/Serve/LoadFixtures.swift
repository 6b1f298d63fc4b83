import Experiments
import Generation
import GenerationClient
import Instrumentation
import Tokenizers
import Workloads

/// Requests and points for loads that nobody serves.
enum LoadFixtures {
  static func requests(
    _ source: RequestSource = RequestSource(kind: .drawn(prompt: .fixed(16), output: .fixed(8)), name: "drawn"),
    _ shape: RequestShape = RequestShape(), count: Int? = 64, limit: Int = 4096, isReplay: Bool = false,
    seed: UInt64 = 1, tokenizer: (any Tokenizer)? = nil, path: @escaping (String) throws -> String = { $0 },
    texts: @escaping (CorpusTexts) throws -> [String] = { _ in [] }
  ) throws -> LoadRequests {
    try LoadRequests(
      source, shape, isReplay: isReplay, seed: seed,
      LoadRequests.Reading(count: count, limit: limit, tokenizer: tokenizer, path: path, texts: texts))
  }

  static func sessions(turns: LengthLaw, thinking: Pause = .none, count: Int = 64, seed: UInt64 = 1) throws
    -> LoadRequests
  {
    var shape = RequestShape()
    shape.endpoint = .chat
    shape.sessions = SessionShape(turns: .drawn(turns), thinking: thinking)
    return try requests(
      RequestSource(kind: .drawn(prompt: .fixed(16), output: .fixed(8)), name: "drawn"), shape, count: count, seed: seed
    )
  }

  /// Eight tokens of each output in 17 ms.
  static func eight(_ request: ClientRequest) -> ScriptedClient.Answer {
    ScriptedClient.Answer(tokens: Array(repeating: 8, count: request.sampling.n))
  }

  static func closed(_ concurrency: Int, requests: Int? = nil, seconds: Double? = nil, n: Int = 1) -> LoadPoint {
    LoadPoint(pattern: .closed(concurrency: concurrency), n: n, stop: .init(requests: requests, seconds: seconds))
  }

  static func open(_ process: ArrivalProcess, requests: Int? = nil, seconds: Double? = nil) -> LoadPoint {
    LoadPoint(pattern: .open(process), stop: .init(requests: requests, seconds: seconds))
  }

  static func isWhole(_ counts: LoadResult.Counts) -> Bool {
    counts.completed + counts.failed + counts.cancelled == counts.scheduled
  }
}
