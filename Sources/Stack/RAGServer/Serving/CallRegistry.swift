internal import Dispatch
internal import Synchronization

/// A call whose answer is under way, and can be ended.
protocol OpenCall: AnyObject, Sendable {
  var number: Int { get }
  /// Ends the call with an error, unless it is over.
  func fail(_ error: APIError)
}

/// The calls that are under way, and whether more may come.
final class CallRegistry: Sendable {
  enum Admission {
    case admitted(number: Int)
    case refused(ServerMetrics.Rejection)
  }

  private struct State {
    /// Calls whose exchange is open.
    var calls: [Int: any OpenCall] = [:]
    /// What was admitted and is not over.
    var underWay = 0
    /// Admitted work whose exchange is open.
    var open = 0
    var nextNumber = 0
    var isDraining = false
    var emptied: DispatchSemaphore?
  }

  private let most: Int
  private let state = Mutex(State())

  init(most: Int) { self.most = most }

  var isDraining: Bool { state.withLock { $0.isDraining } }
  var openCalls: Int { state.withLock { $0.calls.count } }

  /// Lets a request in, or not. One that was let in is over once, and closed once.
  func admit() -> Admission {
    state.withLock { state in
      guard !state.isDraining else { return .refused(.draining) }
      guard state.underWay < most else { return .refused(.concurrency) }
      state.underWay += 1
      state.open += 1
      state.nextNumber += 1
      return .admitted(number: state.nextNumber)
    }
  }

  func add(_ call: any OpenCall) { state.withLock { $0.calls[call.number] = call } }

  /// Work that was admitted is done.
  func isOver() { state.withLock { $0.underWay -= 1 } }

  /// The client of admitted work has its answer, or has gone.
  func closed(number: Int) {
    let emptied = state.withLock { state in
      state.calls[number] = nil
      state.open -= 1
      return state.open == 0 ? state.emptied : nil
    }
    emptied?.signal()
  }

  /// Lets nobody in from now on, and waits until all are closed.
  ///
  /// - Returns: the calls that are open when the time is up.
  func drain(until deadline: DispatchTime) -> [any OpenCall] {
    let emptied = DispatchSemaphore(value: 0)
    let isEmpty = state.withLock { state in
      state.isDraining = true
      state.emptied = emptied
      return state.open == 0
    }
    if isEmpty || emptied.wait(timeout: deadline) == .success { return [] }
    return state.withLock { Array($0.calls.values) }
  }
}
