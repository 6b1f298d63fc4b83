internal import Instrumentation
internal import MicroHTTP
internal import Synchronization

/// A server that answers as vLLM would, at once or at a given pace, and generates nothing: whatever a client measures against
/// it is the client, and the way there.
package final class NullServer: Sendable {
  private let http: HTTPServer
  private let site: Site

  /// What the handler shares with the pacer.
  private final class Site: Sendable {
    let pacer: NullPacer
    private let answers = Mutex<[NullRequest: NullAnswer]>([:])
    let requests = Mutex(0)

    init(_ pacer: NullPacer) { self.pacer = pacer }

    /// Requests of a run are alike: a few forms of answers are all that is ever needed.
    func answer(_ request: NullRequest) -> NullAnswer {
      answers.withLock { answers in
        if let known = answers[request] { return known }
        if answers.count >= Self.mostForms { answers.removeAll() }
        let answer = NullAnswer(request)
        answers[request] = answer
        return answer
      }
    }

    private static let mostForms = 4096
  }

  /// - Parameters:
  ///   - tokensPerSecond: of each stream; nil: as fast as its reader takes them, each in a write of its own.
  ///   - port: of the loopback address; 0 takes a free one.
  /// - Throws: `HTTPServerError` if it cannot listen.
  package init(tokensPerSecond: Double? = nil, port: UInt16 = 0, maxConnections: Int = 8192) throws {
    let pacer = NullPacer(tokensPerSecond: tokensPerSecond)
    let site = Site(pacer)
    var options = HTTPServerOptions()
    options.port = port
    options.maxConnections = maxConnections
    self.site = site
    do {
      http = try HTTPServer(options: options) { Self.answer($0, $1, site) }
    } catch {
      pacer.stop()
      throw error
    }
  }

  deinit { stop() }

  package var port: UInt16 { http.port }
  package var url: String { "http://127.0.0.1:\(http.port)" }

  /// Requests that were answered, tokens that were paced (those of one output), streams that are open, and the longest that a
  /// token came behind its time in nanoseconds: where that is long, the server was what was measured.
  package var statistics: (requests: Int, tokens: Int, open: Int, worstDelay: UInt64) {
    let paced = site.pacer.statistics
    return (site.requests.withLock { $0 }, paced.tokens, paced.open, paced.worstDelay)
  }

  /// Breaks off what is under way. More than once is as good as once.
  package func stop() {
    http.stop()
    site.pacer.stop()
  }

  private static let json = [(name: "Content-Type", value: "application/json")]
  private static let events = [(name: "Content-Type", value: "text/event-stream; charset=utf-8")]

  private static func answer(_ request: ServedRequest, _ responder: Responder, _ site: Site) {
    switch (request.method, request.path) {
    case ("POST", "/v1/completions"): generate(request, isChat: false, responder, site)
    case ("POST", "/v1/chat/completions"): generate(request, isChat: true, responder, site)
    case ("GET", "/health"): responder.respond(status: 200)
    case ("GET", "/v1/models"):
      responder.respond(
        status: 200, headers: json,
        body: Array(#"{"object":"list","data":[{"id":"null","object":"model","max_model_len":1000000}]}"#.utf8))
    case ("GET", "/metrics"):
      responder.respond(status: 200, headers: [("Content-Type", "text/plain; version=0.0.4")], body: metrics(site))
    default: refuse(responder, 404, "The null server has nothing at \(request.path).")
    }
  }

  private static func refuse(_ responder: Responder, _ status: Int, _ message: String) {
    let body = #"{"error":{"message":"\#(message)","type":"BadRequestError","param":null,"code":\#(status)}}"#
    responder.respond(status: status, headers: json, body: Array(body.utf8))
  }

  private static func generate(_ served: ServedRequest, isChat: Bool, _ responder: Responder, _ site: Site) {
    guard let request = NullRequest(served.body, isChat: isChat) else {
      return refuse(responder, 400, "The body is no request of a length that the null server answers.")
    }
    site.requests.withLock { $0 += 1 }
    let answer = site.answer(request)
    guard request.streams else { return responder.respond(status: 200, headers: json, body: answer.whole()) }
    // The first token goes with the head: a pacer that sleeps would be what the least latency is.
    if request.tokens > 1 { site.pacer.announce() }
    let stream = responder.stream(headers: events)
    var bytes: [UInt8] = []
    answer.append(token: 1, to: &bytes)
    stream.write(bytes)
    guard request.tokens > 1 else { return stream.finish() }
    site.pacer.take(
      NullPacer.Stream(
        stream: stream, answer: answer, next: 2, tokens: request.tokens,
        due: MonotonicClock.now() + site.pacer.period))
  }

  /// What a client that samples vLLM's metrics looks for: without KV memory there is none in use.
  private static func metrics(_ site: Site) -> [UInt8] {
    let paced = site.pacer.statistics
    return Array(
      """
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running \(paced.open)
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting 0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc 0
      # TYPE vllm:num_preemptions_total counter
      vllm:num_preemptions_total 0
      # TYPE vllm:generation_tokens_total counter
      vllm:generation_tokens_total \(paced.tokens)

      """.utf8)
  }
}
