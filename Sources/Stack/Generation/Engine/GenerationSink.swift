/// Hears what comes of requests, on the engine's own thread: the way in which a token costs least.
///
/// While a sink works, no step runs. It must not block, nor wait for anybody.
public protocol GenerationSink: AnyObject, Sendable {
  /// - Parameter tag: the request's place among those that were submitted together.
  func take(_ event: GenerationEvent, of tag: Int)

  /// A request is over, and no event of it follows: complete, if there is no error.
  func end(of tag: Int, _ error: GenerationError?)

  /// All that a step had to tell was told. A sink of several requests may hear this several times a step.
  func stepEnded()
}

/// Requests that were submitted together.
public struct GenerationTicket: Sendable {
  let ids: [Int]
  let door: EngineDoor

  /// Takes back those that are not over; the rest of the step that runs may still be told, an end is not.
  public func cancel() { door.cancel(ids) }
}

/// Tells the reader of a stream.
final class StreamSink: GenerationSink {
  private let continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation

  init(_ continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation) {
    self.continuation = continuation
  }

  func take(_ event: GenerationEvent, of tag: Int) { continuation.yield(event) }

  func end(of tag: Int, _ error: GenerationError?) { continuation.finish(throwing: error) }

  func stepEnded() {}
}
