internal import Foundation
public import Generation
internal import HTTP
internal import Synchronization

/// A server's model as a `TextGenerator`; requests share the connections of one loop on a thread of its own.
///
/// Its events tell no log probabilities, which servers write in too many ways.
public final class RemoteGenerator: TextGenerator {
  public let model: String
  private let endpoint: ClientRequest.Endpoint?
  private let mail: RemoteMail

  /// - Parameters:
  ///   - endpoint: where texts go; nil: texts and tokens to completions, messages to chat.
  /// - Throws: `DataError.unavailable` if the system gives no descriptors.
  public init(
    server: ServerProfile, model: String?, key: APIKey?, options: ClientOptions = ClientOptions(),
    endpoint: ClientRequest.Endpoint? = nil
  ) throws {
    self.model = model ?? server.name
    self.endpoint = endpoint
    let loop = RemoteLoop(
      client: CompletionClient(server: server, model: model, key: key, options: options, loop: try TransferLoop()))
    mail = loop.mail
    Thread.detachNewThread { loop.run() }
  }

  deinit { mail.close() }

  /// - Throws: `GenerationError` for a request for no output.
  public func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
    guard request.sampling.n > 0 else {
      throw GenerationError("n is \(request.sampling.n); ask for one output at least")
    }
    let standard: ClientRequest.Endpoint = if case .messages = request.prompt { .chat } else { .completions }
    let asked = ClientRequest(
      prompt: request.prompt, sampling: request.sampling, endpoint: endpoint ?? standard, keepsText: true)
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
    let id = mail.post(asked, continuation)
    continuation.onTermination = { [mail] reason in
      if case .cancelled = reason { mail.cancel(id) }
    }
    return stream
  }
}
