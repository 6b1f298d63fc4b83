package import GenerationClient

/// What a load asks of a client: to send, to cancel, and to call back in time. All of it happens on the thread that called
/// `run`.
package protocol LoadClient: AnyObject {
  /// Nanoseconds of `CLOCK_MONOTONIC_RAW`, or of whatever rises in its stead.
  var now: UInt64 { get }

  /// Calls `action` at `time`, or soon where that is past: never from within this call; those of one time in the order of the
  /// calls.
  func at(_ time: UInt64, _ action: @escaping () -> Void)

  /// Sends a request now.
  ///
  /// - Parameters:
  ///   - progress: told of tokens as they come; nil: nobody asks.
  ///   - finished: told exactly once, and never from within this call.
  /// - Returns: what cancels it, after which `finished` is told at once; nothing where it was told before.
  func send(
    _ request: ClientRequest, intended: UInt64, progress: ((LoadProgress) -> Void)?,
    finished: @escaping (RequestOutcome) -> Void
  ) -> () -> Void

  /// Serves transfers and timers until `isDone`, which is asked after each round of callbacks.
  func run(until isDone: () -> Bool) throws
}

/// What one output of a request has come to.
package struct LoadProgress: Sendable, Equatable {
  package var output: Int
  /// That came with this piece.
  package var tokens: Int
  package var hasEnded: Bool

  package init(output: Int, tokens: Int, hasEnded: Bool) {
    self.output = output
    self.tokens = tokens
    self.hasEnded = hasEnded
  }
}

/// Something that watches the server while a load runs, on the same thread.
package protocol LoadObserver: AnyObject {
  func start()
  func stop()
  /// By time.
  var samples: [ServerSample] { get }
  /// What the server does not tell, by name; nil: it has told nothing at all.
  var missing: [String]? { get }
  /// Told of every sample.
  var sampled: ((ServerSample) -> Void)? { get set }
}
