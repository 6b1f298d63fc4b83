internal import Generation
internal import HTTP

/// The thread of a `RemoteGenerator`.
///
/// `@unchecked Sendable`: made by one thread and handed to the one that runs it, which alone touches it from then on.
final class RemoteLoop: @unchecked Sendable {
  let mail: RemoteMail
  private let client: CompletionClient
  private var active: [Int: (request: RequestInFlight, continuation: RemoteMail.Continuation)] = [:]
  private var isClosed = false

  init(client: CompletionClient) {
    self.client = client
    mail = RemoteMail(bell: client.loop.bell)
  }

  /// Until the generator is gone and its requests have ended.
  func run() {
    client.loop.rung = { [unowned self] in collect() }
    do { try client.loop.run { isClosed && active.isEmpty } } catch {
      let failure = GenerationError("\(error)")
      for (_, continuation) in active.values { continuation.finish(throwing: failure) }
      mail.fail(failure)
    }
  }

  private func collect() {
    let contents = mail.collect()
    isClosed = contents.isClosed
    for (id, request, continuation) in contents.requests { begin(id, request, continuation) }
    for id in contents.cancelled { if let (request, _) = active[id] { client.cancel(request) } }
  }

  private func begin(_ id: Int, _ request: ClientRequest, _ continuation: RemoteMail.Continuation) {
    let inFlight = client.send(request, intended: client.loop.now) { progress in
      if progress.tokens > 0 || !progress.text.isEmpty {
        continuation.yield(
          .tokens(choice: progress.choice, ids: progress.ids, text: progress.text, logprobs: []))
      }
      if let reason = progress.finishReason {
        continuation.yield(.finished(choice: progress.choice, reason: FinishReason(rawValue: reason) ?? .stop))
      }
    } finished: { [unowned self] outcome in
      active[id] = nil
      switch outcome.status {
      case .completed:
        continuation.yield(
          .usage(
            promptTokens: outcome.promptTokens ?? 0, completionTokens: outcome.outputTokens,
            cachedTokens: outcome.cachedPromptTokens ?? 0))
        continuation.finish()
      case .failed(let failure): continuation.finish(throwing: GenerationError(failure.description))
      case .cancelled: continuation.finish(throwing: CancellationError())
      }
    }
    active[id] = (inFlight, continuation)
  }
}
