internal import CCurl
internal import CEpoll
internal import Files
internal import Glibc

/// Waits for sockets, for a time and for a bell: epoll, a timerfd and an eventfd.
///
/// A timerfd, as epoll's own timeout counts milliseconds and may be late by a thousandth of itself (`select_estimate_accuracy`).
final class LoopWaiting {
  struct Event {
    enum Source {
      case bell, alarm
      case socket(Int32)
    }
    var source: Source
    /// For libcurl: `CURL_CSELECT_IN` and others.
    var mask: Int32
  }

  private(set) var events: [Event] = []
  private let poll: Int32
  private let alarm: Int32
  private let bell: Int32
  /// When the alarm rings.
  private var armed = UInt64.max
  private let ready = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)

  init(bell: LoopBell) throws {
    ready.initialize(repeating: epoll_event())
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    alarm = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
    self.bell = bell.descriptor
    guard poll >= 0, alarm >= 0, self.bell >= 0 else { throw Self.failure() }
    // By edges: neither is ever read.
    for descriptor in [alarm, self.bell] {
      guard control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue | EPOLLET.rawValue) else { throw Self.failure() }
    }
  }

  deinit {
    ready.deallocate()
    for descriptor in [poll, alarm] where descriptor >= 0 { close(descriptor) }
  }

  private static func failure() -> DataError {
    .unavailable(name: "epoll", reason: String(cString: strerror(errno)))
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ mask: UInt32) -> Bool {
    var event = epoll_event(events: mask, data: epoll_data_t(fd: descriptor))
    return epoll_ctl(poll, operation, descriptor, &event) == 0
  }

  func watch(_ socket: Int32, reads: Bool, writes: Bool, isNew: Bool) {
    let mask = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
    if !control(isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, mask) {
      // libcurl closes sockets, and gets the same numbers again, without always saying so.
      _ = control(isNew ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, mask)
    }
  }

  func forget(_ socket: Int32) { _ = control(EPOLL_CTL_DEL, socket, 0) }

  /// Fills `events` with what is ready, waiting for it till the deadline at most, and answers their number.
  ///
  /// May return early, with none.
  func wait(until deadline: UInt64, now: UInt64) throws -> Int {
    let mustWait = deadline > now
    if mustWait, deadline != .max, deadline < armed || armed <= now { try arm(deadline, now: now) }
    let count = epoll_wait(poll, ready.baseAddress, Int32(ready.count), mustWait ? -1 : 0)
    guard count >= 0 || errno == EINTR else { throw Self.failure() }
    events.removeAll(keepingCapacity: true)
    for index in 0..<max(0, Int(count)) {
      let event = ready[index]
      var mask: Int32 = 0
      if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
      if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
      if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
      switch event.data.fd {
      case bell: events.append(Event(source: .bell, mask: 0))
      case alarm:
        armed = .max
        events.append(Event(source: .alarm, mask: 0))
      case let socket: events.append(Event(source: .socket(socket), mask: mask))
      }
    }
    return events.count
  }

  private func arm(_ deadline: UInt64, now: UInt64) throws {
    let delay = deadline - now
    // A thousandth early, and then once more: time services slew the alarm's clock, but not the loop's.
    let early = max(1, delay - delay >> 10)
    var setting = itimerspec()
    setting.it_value = timespec(tv_sec: Int(early / 1_000_000_000), tv_nsec: Int(early % 1_000_000_000))
    guard timerfd_settime(alarm, 0, &setting, nil) == 0 else { throw Self.failure() }
    armed = now + early
  }
}
