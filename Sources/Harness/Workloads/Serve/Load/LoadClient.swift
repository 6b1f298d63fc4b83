package import GenerationClient

/// What a load asks of a client: to send, to cancel, and to call back in time. All of it happens on the thread that called
/// `run`.
package protocol LoadClient: AnyObject {
  /// Nanoseconds of `CLOCK_MONOTONIC_RAW`, or of whatever rises in its stead.
  var now: UInt64 { get }

  /// Calls `action` at `time`, or soon where that is past: never from within this call.
  func at(_ time: UInt64, _ action: @escaping () -> Void)

  /// Sends a request now.
  ///
  /// - Parameters:
  ///   - progress: called with the tokens that have come so far, of all outputs, as they come; nil: nobody asks.
  ///   - finished: called exactly once: never from within this call, but maybe from within `cancel`.
  /// - Returns: what `cancel` takes.
  func send(
    _ request: ClientRequest, intended: UInt64, progress: ((Int) -> Void)?,
    finished: @escaping (RequestOutcome) -> Void
  ) -> Int

  /// Ends a request that has not finished, whose outcome then is `.cancelled`; of another nothing happens.
  func cancel(_ request: Int)

  /// Serves transfers and timers until `isDone`, which is asked after each round of callbacks.
  func run(until isDone: () -> Bool) throws
}

/// Something that watches the server while a load runs, on the same thread.
package protocol LoadObserver: AnyObject {
  func start()
  func stop()
  var samples: [ServerSample] { get }
  /// What the server does not tell, by name.
  var missing: [String] { get }
}
