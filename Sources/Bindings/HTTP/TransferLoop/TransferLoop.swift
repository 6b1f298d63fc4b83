internal import CCurl
internal import CEpoll
internal import Files
internal import Glibc

/// Transfers and timers of one thread: libcurl's multi interface over epoll, HTTP/1.1 on connections that stay open.
///
/// All calls, and all that it calls back, belong to the thread that runs it; only its bell may be rung from elsewhere. Nothing is
/// called back from inside `start` or `cancel`.
package final class TransferLoop {
  let multi: UnsafeMutableRawPointer
  let waiting: LoopWaiting
  var timers = TimerQueue()
  /// When libcurl wants to be called though no socket is ready.
  var curlDue: UInt64?
  /// Given to the loop, but not to libcurl yet.
  var starting: [Transfer] = []
  var cancelling: [Transfer] = []
  /// Handles that have carried a transfer and can carry another.
  var spare: [CurlHandle] = []
  /// Whether libcurl is on the stack, which must not be called by what it calls.
  var isInside = false
  package internal(set) var running = 0

  /// Wakes the loop, which then calls `rung`.
  package let bell = LoopBell()
  package var rung: (() -> Void)?

  /// - Parameter idleConnections: that are kept open for requests to come.
  /// - Throws: `DataError.unavailable` if the system gives no descriptors.
  package init(idleConnections: Int = 65_535) throws {
    guard CurlHandle.isReady, let multi = curl_multi_init() else {
      throw DataError.unavailable(name: "libcurl", reason: "cannot start")
    }
    self.multi = multi
    do { waiting = try LoopWaiting(bell: bell) } catch {
      curl_multi_cleanup(multi)
      throw error
    }
    ragmeter_curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, idleConnections)
    connect()
    Self.raiseDescriptorLimit()
  }

  deinit {
    for transfer in Array(active.values) { release(transfer) }
    curl_multi_cleanup(multi)
  }

  /// By the handle's address: transfers that libcurl has.
  var active: [UnsafeMutableRawPointer: Transfer] = [:]

  /// Nanoseconds of `CLOCK_MONOTONIC_RAW`.
  package var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_RAW, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// Runs an action at a time, or as soon as possible where that has passed; equal times in the order of the calls.
  package func at(_ time: UInt64, _ action: @escaping () -> Void) -> LoopTimer { timers.insert(time, action) }

  package func cancel(_ timer: LoopTimer) { timers.remove(timer) }

  /// Begins a transfer when what runs now has returned.
  ///
  /// Redirections are not followed. Where the server has closed an idle connection in the very moment of its use, libcurl begins once
  /// more on another one, and tells nobody.
  package func start(_ request: HTTPRequest, receiver: any TransferReceiver) -> Transfer {
    let transfer = Transfer(request, receiver: receiver)
    starting.append(transfer)
    return transfer
  }

  /// Ends a transfer without a word to its receiver; its connection is closed.
  package func cancel(_ transfer: Transfer) {
    guard transfer.state != .ended else { return }
    transfer.receiver = nil
    if transfer.state == .running { cancelling.append(transfer) }
    transfer.state = .ended
  }

  /// Runs until `isDone`, which is asked after everything that happened, or nothing is left that could happen.
  ///
  /// - Throws: `DataError.unavailable` if the system cannot wait.
  package func run(until isDone: () -> Bool) throws {
    settle()
    while !isDone() {
      fireDue(at: now)
      if isDone() { return }
      let deadline = min(timers.first?.time ?? .max, curlDue ?? .max)
      guard deadline != .max || running > 0 || rung != nil else { return }
      let count = try waiting.wait(until: deadline, now: now)
      for index in 0..<count { handle(waiting.events[index]) }
    }
  }

  private func handle(_ event: LoopWaiting.Event) {
    switch event.source {
    case .bell:
      rung?()
      settle()
    case .alarm: break
    case .socket(let socket): act(socket, event.mask)
    }
    // A batch may take milliseconds, and what is due does not wait for its end.
    fireDue(at: now)
  }

  private func fireDue(at time: UInt64) {
    while let action = timers.popDue(time) {
      action()
      settle()
    }
    if let due = curlDue, due <= time {
      curlDue = nil
      act(CURL_SOCKET_BAD, 0)
    }
  }

  /// Each open stream holds a descriptor, and the usual soft limit is 1024.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
