internal import Dispatch
internal import Foundation
internal import Instrumentation
internal import MicroHTTP
internal import Synchronization

/// Writes the tokens of all streams of a null server at their pace, on one thread.
///
/// All streams have one pace, so that whoever was served longest ago is due next, and a queue needs no ordering.
final class NullPacer: Sendable {
  struct Stream: Sendable {
    var stream: ResponseStream
    var answer: NullAnswer
    /// The token that comes next, counted from 1.
    var next: Int
    var tokens: Int
    var due: UInt64
  }

  private struct State {
    var arrivals: [Stream] = []
    var isIdle = false
    var isStopping = false
    var open = 0
    var written = 0
    var worstDelay: UInt64 = 0
  }

  /// Between two tokens of a stream; 0: as soon as the socket takes it.
  let period: UInt64
  private let state = Mutex(State())
  private let bell = DispatchSemaphore(value: 0)
  private let farewell = DispatchSemaphore(value: 0)
  /// Sleeping shorter would cost more than writing: tokens are up to so late.
  private static let tick: UInt64 = 500_000

  init(tokensPerSecond: Double?) {
    period = tokensPerSecond.map { UInt64(1e9 / $0) } ?? 0
    let thread = Thread { [self] in
      run()
      farewell.signal()
    }
    thread.name = "ragmeter.null"
    thread.start()
  }

  /// What the streams came to; tokens are those of one output.
  var statistics: (open: Int, tokens: Int, worstDelay: UInt64) {
    state.withLock { ($0.open, $0.written, $0.worstDelay) }
  }

  /// Counts a stream that will be handed over: before its first token, so that no reader is ahead of the count.
  func announce() { state.withLock { $0.open += 1 } }

  /// Takes over, from its second token on, a stream that was announced.
  func take(_ stream: Stream) {
    let isIdle = state.withLock { state in
      state.arrivals.append(stream)
      defer { state.isIdle = false }
      return state.isIdle
    }
    if isIdle { bell.signal() }
  }

  /// Returns when the thread has ended.
  func stop() {
    state.withLock { $0.isStopping = true }
    bell.signal()
    farewell.wait()
    farewell.signal()
  }

  private func run() {
    var queue: [Stream] = []
    var head = 0
    var buffer: [UInt8] = []
    while true {
      guard let arrivals = collect(isEmpty: head == queue.count) else { return }
      if head > queue.count / 2 {
        queue.removeSubrange(..<head)
        head = 0
      }
      queue += arrivals
      let now = MonotonicClock.now()
      var hasWritten = false
      var closed = 0
      var written = 0
      var worst: UInt64 = 0
      let end = queue.count
      while head < end, queue[head].due <= now {
        var stream = queue[head]
        head += 1
        if stream.stream.pending > 0 {
          // Its reader is behind, and everything else is not to wait for it.
          stream.due = now + max(period, Self.tick)
          queue.append(stream)
          continue
        }
        worst = max(worst, now - stream.due)
        hasWritten = true
        if write(&stream, &buffer) {
          written += 1
          stream.due = period == 0 ? now : stream.due + period
          queue.append(stream)
        } else {
          closed += 1
        }
      }
      note(closed: closed, written: written + closed, delay: period == 0 ? 0 : worst)
      rest(until: head < queue.count ? queue[head].due : nil, hasWritten: hasWritten)
    }
  }

  /// What has arrived; waits while there is nothing to do. Nil: the end.
  private func collect(isEmpty: Bool) -> [Stream]? {
    while true {
      let (arrivals, isStopping) = state.withLock { state in
        defer { state.arrivals = [] }
        state.isIdle = isEmpty && state.arrivals.isEmpty
        return (state.arrivals, state.isStopping)
      }
      if isStopping { return nil }
      if !isEmpty || !arrivals.isEmpty { return arrivals }
      bell.wait()
    }
  }

  /// - Returns: whether there are more tokens to come, and somebody who reads them.
  private func write(_ stream: inout Stream, _ buffer: inout [UInt8]) -> Bool {
    buffer.removeAll(keepingCapacity: true)
    stream.answer.append(token: stream.next, to: &buffer)
    let isRead = stream.stream.write(buffer)
    guard isRead, stream.next < stream.tokens else {
      stream.stream.finish()
      return false
    }
    stream.next += 1
    return true
  }

  private func note(closed: Int, written: Int, delay: UInt64) {
    guard closed > 0 || written > 0 else { return }
    state.withLock { state in
      state.open -= closed
      state.written += written
      state.worstDelay = max(state.worstDelay, delay)
    }
  }

  private func rest(until due: UInt64?, hasWritten: Bool) {
    guard let due else { return }
    let now = MonotonicClock.now()
    guard due > now || !hasWritten else { return }
    var time = timespec(tv_sec: 0, tv_nsec: Int(Self.tick))
    nanosleep(&time, nil)
  }
}
