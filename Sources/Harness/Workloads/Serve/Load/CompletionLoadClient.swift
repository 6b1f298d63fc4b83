package import GenerationClient
internal import HTTP

/// Loads a server through its client, on the client's loop.
package final class CompletionLoadClient: LoadClient {
  private let client: CompletionClient
  private let loop: TransferLoop

  package init(_ client: CompletionClient) {
    self.client = client
    loop = client.loop
  }

  package var now: UInt64 { loop.now }

  package func at(_ time: UInt64, _ action: @escaping () -> Void) { _ = loop.at(time, action) }

  package func send(
    _ request: ClientRequest, intended: UInt64, progress: ((LoadProgress) -> Void)?,
    finished: @escaping (RequestOutcome) -> Void
  ) -> () -> Void {
    let reports = progress.map { progress in
      { (piece: RequestProgress) in
        progress(LoadProgress(output: piece.choice, tokens: piece.tokens, hasEnded: piece.finishReason != nil))
      }
    }
    let inFlight = client.send(request, intended: intended, progress: reports, finished: finished)
    return { [client] in client.cancel(inFlight) }
  }

  package func run(until isDone: () -> Bool) throws { try loop.run(until: isDone) }
}

extension MetricsSampler: LoadObserver {}
