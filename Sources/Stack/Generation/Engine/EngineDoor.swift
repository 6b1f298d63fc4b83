internal import Dispatch
internal import Synchronization

/// Between the callers of an engine and its thread: what has arrived, what was taken back, and who waits for a place.
final class EngineDoor: Sendable {
  struct Arrival: Sendable {
    var id: Int
    var prompt: [Int32]
    var sampling: SamplingParameters
    var sink: any GenerationSink
    /// What the sink knows the request by.
    var tag: Int
    var arrived = ContinuousClock.now
  }

  /// What the thread takes in before a step.
  struct Mail {
    var arrivals: [Arrival] = []
    var cancelled: [Int] = []
    var isClosing = false

    var isEmpty: Bool { arrivals.isEmpty && cancelled.isEmpty && !isClosing }
  }

  private struct State {
    var mail = Mail()
    var nextID = 0
    /// Requests that may still come to wait.
    var freePlaces: Int
    /// Callers without a place, first come first served.
    var outside: [(ticket: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    var nextTicket = 0
    var hasEnded = false
    var farewells: [CheckedContinuation<Void, Never>] = []
    var statistics = EngineStatistics()
  }

  private let state: Mutex<State>
  private let bell = DispatchSemaphore(value: 0)

  init(places: Int) { state = Mutex(State(freePlaces: places)) }

  static let closed = GenerationError("the engine was shut down before the answer was complete")

  // MARK: - For callers

  /// Waits for a place.
  ///
  /// - Throws: `GenerationError` if the engine is shut down, `CancellationError` if the task is cancelled.
  func enter() async throws {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<Void, any Error>? = state.withLock { state in
          if state.mail.isClosing { return .failure(Self.closed) }
          // Cancelled before this, the handler has found nobody; cancelled later, it will find the ticket.
          if Task.isCancelled { return .failure(CancellationError()) }
          guard state.freePlaces == 0 else {
            state.freePlaces -= 1
            return .success(())
          }
          state.outside.append((ticket, continuation))
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.outside.firstIndex { $0.ticket == ticket }.map { state.outside.remove(at: $0).continuation }
      }
      waiting?.resume(throwing: CancellationError())
    }
  }

  /// Takes places, if so many are free and nobody waits for one.
  ///
  /// - Throws: `GenerationError` if the engine is shut down.
  func enterAtOnce(_ count: Int) throws(GenerationError) -> Bool {
    try state.withLock { state throws(GenerationError) in
      guard !state.mail.isClosing else { throw Self.closed }
      guard state.freePlaces >= count else { return false }
      state.freePlaces -= count
      return true
    }
  }

  /// Hands requests, whose caller has places, to the thread.
  ///
  /// - Returns: their ids; nil if the engine is shut down.
  func submit(_ requests: [(prompt: [Int32], sampling: SamplingParameters)], to sink: any GenerationSink) -> [Int]? {
    let ids: [Int]? = state.withLock { state in
      guard !state.mail.isClosing else { return nil }
      let first = state.nextID
      state.nextID += requests.count
      for (tag, request) in requests.enumerated() {
        state.mail.arrivals.append(
          Arrival(id: first + tag, prompt: request.prompt, sampling: request.sampling, sink: sink, tag: tag))
      }
      return Array(first..<state.nextID)
    }
    if ids != nil { bell.signal() }
    return ids
  }

  func cancel(_ ids: [Int]) {
    state.withLock { $0.mail.cancelled += ids }
    bell.signal()
  }

  func close() {
    let outside = state.withLock { state in
      defer { state.outside = [] }
      state.mail.isClosing = true
      return state.outside
    }
    for caller in outside { caller.continuation.resume(throwing: Self.closed) }
    bell.signal()
  }

  /// Returns when the thread has ended.
  func farewell() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if !state.hasEnded { state.farewells.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  var statistics: EngineStatistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.occupancy.waiting += state.mail.arrivals.reduce(0) { $0 + $1.sampling.choices }
      return statistics
    }
  }

  // MARK: - For the thread

  /// What has come since the last call; sleeps until there is something, if asked to.
  func collect(waiting: Bool) -> Mail {
    while true {
      let mail = state.withLock { state in
        let mail = state.mail
        state.mail.arrivals = []
        state.mail.cancelled = []
        return mail
      }
      guard mail.isEmpty, waiting else { return mail }
      bell.wait()
    }
  }

  /// A request no longer waits.
  func freePlace() {
    let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard !state.outside.isEmpty else {
        state.freePlaces += 1
        return nil
      }
      return state.outside.removeFirst().continuation
    }
    next?.resume()
  }

  func note(_ change: (inout EngineStatistics) -> Void) { state.withLock { change(&$0.statistics) } }

  func end() {
    let farewells = state.withLock { state in
      state.hasEnded = true
      return state.farewells
    }
    for farewell in farewells { farewell.resume() }
  }
}
