internal import CEpoll
internal import Foundation
internal import Glibc
internal import Synchronization

/// A thread that sees what happens to sockets that libmicrohttpd does not look at, because their connection is suspended:
/// the client goes away, or a full socket has room again. It sleeps while neither happens.
final class SocketWatcher: Sendable {
  private struct State {
    var connections: [UInt64: ClientConnection] = [:]
    /// Connections whose reader is behind: how far it has come, and when it had last taken something.
    var blocked: [UInt64: (progress: Int, since: ContinuousClock.Instant)] = [:]
  }

  private let poll: Int32
  private let bell: Int32
  private let stall: Duration
  private let state = Mutex(State())
  private let numbers = Atomic<UInt64>(1)
  private let stopping = Atomic(false)
  private let ended = DispatchSemaphore(value: 0)
  /// The number of no connection.
  private static let bellNumber: UInt64 = 0

  /// - Throws: `HTTPServerError` if the process has no descriptors left.
  init(stallSeconds: Int) throws(HTTPServerError) {
    stall = .seconds(stallSeconds)
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard poll >= 0, bell >= 0 else {
      throw HTTPServerError("no descriptor is left to watch connections with: \(String(cString: strerror(errno)))")
    }
    // By edges: it is never read.
    control(EPOLL_CTL_ADD, bell, EPOLLIN.rawValue | EPOLLET.rawValue, Self.bellNumber)
    let thread = Thread { [self] in run() }
    thread.name = "ragmeter.sockets"
    thread.start()
  }

  deinit {
    Glibc.close(poll)
    Glibc.close(bell)
  }

  func nextNumber() -> UInt64 { numbers.wrappingAdd(1, ordering: .relaxed).oldValue }

  func add(_ connection: ClientConnection) {
    state.withLock { $0.connections[connection.number] = connection }
    control(EPOLL_CTL_ADD, connection.descriptor, EPOLLRDHUP.rawValue | EPOLLET.rawValue, connection.number)
  }

  /// The socket is about to be closed, which takes it out of the kernel's set.
  func remove(_ connection: ClientConnection) {
    state.withLock { state in
      state.connections[connection.number] = nil
      state.blocked[connection.number] = nil
    }
  }

  /// Flushes a connection as soon as its socket has room. Called with the lock of its exchange held.
  func awaitRoom(_ connection: ClientConnection) {
    let isNew = state.withLock { state in
      guard state.blocked[connection.number] == nil else { return false }
      state.blocked[connection.number] = (-1, .now)
      return true
    }
    // From now on the kernel tells whenever the full socket has room, once each time.
    if isNew {
      control(
        EPOLL_CTL_MOD, connection.descriptor, EPOLLRDHUP.rawValue | EPOLLOUT.rawValue | EPOLLET.rawValue,
        connection.number)
      // The thread may sleep without end; it has a time to look after now.
      eventfd_write(bell, 1)
    }
  }

  var connections: [ClientConnection] { state.withLock { Array($0.connections.values) } }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// Says to whoever asks that the server is being stopped.
  func announceStop() { stopping.store(true, ordering: .releasing) }

  /// Returns when the thread has ended.
  func stop() {
    announceStop()
    eventfd_write(bell, 1)
    ended.wait()
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ number: UInt64) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = number
    epoll_ctl(poll, operation, descriptor, &event)
  }

  private func run() {
    let capacity = 256
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
    defer { events.deallocate() }
    while !isStopping {
      let isWaiting = state.withLock { !$0.blocked.isEmpty }
      let count = epoll_wait(poll, events, Int32(capacity), isWaiting ? 1000 : -1)
      for index in 0..<max(0, Int(count)) {
        let event = events[index]
        guard let connection = state.withLock({ $0.connections[event.data.u64] }) else { continue }
        let gone = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        if event.events & gone != 0 {
          connection.current?.clientLeft()
          hangUp(connection)
        } else {
          connection.current?.flush()
        }
      }
      if isWaiting { endStalled() }
    }
    ended.signal()
  }

  /// Closes a connection whose client has closed its side.
  ///
  /// libmicrohttpd does not always see that by itself: an end that arrives together with the last bytes makes no edge of its
  /// own, and the connection would stay until it has been idle for too long.
  private func hangUp(_ connection: ClientConnection) {
    state.withLock { state in
      // The descriptor is the connection's for as long as it is among these.
      guard state.connections[connection.number] != nil else { return }
      shutdown(connection.descriptor, Int32(SHUT_RDWR))
    }
  }

  /// Cuts off those who have taken nothing for too long.
  private func endStalled() {
    let now = ContinuousClock.now
    let blocked = state.withLock { state in
      state.blocked.keys.compactMap { number in state.connections[number] }
    }
    for connection in blocked {
      let exchange = connection.current
      let progress = exchange?.progress ?? 0
      let isBlocked = exchange?.isBlocked ?? false
      let isStalled = state.withLock { state -> Bool in
        guard isBlocked, let known = state.blocked[connection.number] else {
          state.blocked[connection.number] = nil
          return false
        }
        guard known.progress == progress else {
          state.blocked[connection.number] = (progress, now)
          return false
        }
        return now - known.since > stall
      }
      if isStalled { exchange?.close(.tooSlow) }
    }
  }
}
