package import HTTP
internal import Kernels

/// Puts requests to one OpenAI-compatible server and tells what became of each; everything happens on a loop's thread.
public final class CompletionClient {
  package let server: ServerProfile
  /// What requests ask for; nil: the server has one.
  package let model: String?
  package let options: ClientOptions
  package let loop: TransferLoop
  let key: APIKey?
  let headers: [String]
  private var jitter: SplitMix64
  /// Seconds since 1970, which dates in `Retry-After` are compared with.
  let date: () -> Int

  package init(
    server: ServerProfile, model: String?, key: APIKey?, options: ClientOptions = ClientOptions(), loop: TransferLoop,
    date: @escaping () -> Int = HTTPDate.now
  ) {
    self.server = server
    self.model = model
    self.key = key
    self.options = options
    self.loop = loop
    self.date = date
    jitter = SplitMix64(seed: options.retries.seed)
    // libcurl would wait a second for leave to send a large body.
    headers = ["Content-Type: application/json", "Expect:"] + (key.map { [$0.header] } ?? [])
  }

  /// Sends a request at once; latencies count from `intended`.
  ///
  /// - Parameters:
  ///   - progress: told of every piece with tokens or the end of a choice.
  ///   - finished: told exactly once, and never before this returns.
  @discardableResult
  package func send(
    _ request: ClientRequest, intended: UInt64, progress: ((RequestProgress) -> Void)? = nil,
    finished: @escaping (RequestOutcome) -> Void
  ) -> RequestInFlight {
    let inFlight = RequestInFlight(request, intended: intended, client: self, progress: progress, finished: finished)
    inFlight.begin()
    return inFlight
  }

  /// Ends a request; its outcome is `cancelled`, and is told before this returns. Nothing where it has ended.
  package func cancel(_ request: RequestInFlight) { request.end(.cancelled) }

  /// From 0 up to 1.
  func nextJitter() -> Double { .random(in: 0..<1, using: &jitter) }

  func redacted(_ text: String) -> String { key?.redacted(text) ?? text }
}
