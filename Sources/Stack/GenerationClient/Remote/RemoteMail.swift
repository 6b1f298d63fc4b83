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
  }

  private let contents = Mutex(Contents())
  private let bell: LoopBell

  init(bell: LoopBell) { self.bell = bell }

  func post(_ request: ClientRequest, _ continuation: Continuation) -> Int {
    let id = contents.withLock { contents in
      contents.nextID += 1
      contents.requests.append((contents.nextID, request, continuation))
      return contents.nextID
    }
    bell.ring()
    return id
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
