internal import Generation
internal import HTTP
internal import Synchronization

/// What callers leave for the thread of a `RemoteGenerator`.
final class RemoteMail: Sendable {
  typealias Continuation = AsyncThrowingStream<GenerationEvent, any Error>.Continuation

  struct Contents {
    var requests: [(id: Int, request: ClientRequest, continuation: Continuation)] = []
    var cancelled: [Int] = []
    var isClosed = false
    var nextID = 0
    /// Why the thread ended before its time.
    var failure: GenerationError?
  }

  private let contents = Mutex(Contents())
  private let bell: LoopBell

  init(bell: LoopBell) { self.bell = bell }

  func post(_ request: ClientRequest, _ continuation: Continuation) -> Int {
    let (id, failure) = contents.withLock { contents in
      contents.nextID += 1
      if contents.failure == nil { contents.requests.append((contents.nextID, request, continuation)) }
      return (contents.nextID, contents.failure)
    }
    if let failure { continuation.finish(throwing: failure) }
    bell.ring()
    return id
  }

  /// The thread has ended: nothing that is or will be left here is ever collected.
  func fail(_ failure: GenerationError) {
    let left = contents.withLock { contents in
      contents.failure = failure
      defer { contents.requests = [] }
      return contents.requests
    }
    for request in left { request.continuation.finish(throwing: failure) }
  }

  func cancel(_ id: Int) {
    contents.withLock { $0.cancelled.append(id) }
    bell.ring()
  }

  func close() {
    contents.withLock { $0.isClosed = true }
    bell.ring()
  }

  func collect() -> Contents {
    contents.withLock { contents in
      defer {
        contents.requests = []
        contents.cancelled = []
      }
      return contents
    }
  }
}
