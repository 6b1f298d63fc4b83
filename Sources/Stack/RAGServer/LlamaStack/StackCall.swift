internal import JSON
internal import MicroHTTP
internal import Synchronization

/// A request that is answered by a model, as events or as a whole.
final class StackCall: OpenCall {
  private struct State {
    var stream: ResponseStream?
    var isOver = false
    var task: Task<Void, Never>?
  }

  let number: Int
  let streams: Bool
  private let reply: Reply
  private let registry: CallRegistry
  private let executor: StackExecutor
  private let state = Mutex(State())

  init(number: Int, streams: Bool, reply: Reply, registry: CallRegistry, executor: StackExecutor) {
    self.executor = executor
    self.number = number
    self.streams = streams
    self.reply = reply
    self.registry = registry
  }

  /// Begins the work, which ends when the client leaves.
  ///
  /// - Parameter work: tells its events, and returns the whole; what it throws is told as an error.
  func start(_ work: @escaping @Sendable (StackCall) async throws -> JSONValue) {
    registry.add(self)
    if streams {
      let stream = reply.responder.stream(headers: ServerCore.streamHeaders)
      reply.count(200)
      state.withLock { $0.stream = stream }
    }
    let task = Task(executorPreference: executor) { [self] in
      do { finish(try await work(self)) } catch { fail(.stack(error)) }
    }
    state.withLock { $0.task = task }
    reply.responder.onClose { [self] _ in closed() }
  }

  /// Tells events, if they are wanted.
  func tell(_ events: [JSONValue]) {
    guard streams, !events.isEmpty else { return }
    var bytes: [UInt8] = []
    for event in events { Self.append(event, to: &bytes) }
    state.withLock { state in
      // A reader that is gone is told by `closed`.
      if !state.isOver { state.stream?.write(bytes) }
    }
  }

  /// Ends the call with an error, unless it is over.
  func fail(_ error: APIError) {
    var bytes: [UInt8] = []
    Self.append(error.detailEvent, to: &bytes)
    end { stream in
      if let stream {
        stream.write(bytes)
        stream.finish()
      } else {
        reply.refuseDetail(error)
      }
    }
  }

  private func finish(_ whole: JSONValue) {
    end { stream in
      if let stream { stream.finish() } else { reply.send(whole.json) }
    }
  }

  private func end(_ answer: (ResponseStream?) -> Void) {
    let (isFirst, stream, task) = state.withLock { state in
      defer { state.isOver = true }
      return (!state.isOver, state.stream, state.task)
    }
    guard isFirst else { return }
    registry.isOver()
    answer(stream)
    task?.cancel()
  }

  /// The client has its answer, or has gone.
  private func closed() {
    end { _ in }
    registry.closed(number: number)
  }

  private static func append(_ event: JSONValue, to bytes: inout [UInt8]) {
    bytes += "data: ".utf8
    JSONText.append(event, to: &bytes)
    bytes += "\n\n".utf8
  }
}
