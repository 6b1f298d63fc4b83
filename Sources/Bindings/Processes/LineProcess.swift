internal import Foundation
internal import Glibc

/// A child process that is spoken to in lines: one request, one answer.
///
/// Not for several threads at once: a request is answered before the next is sent.
package final class LineProcess {
  package enum Failure: Error {
    /// It ended, or closed its output.
    case died(how: String)
    case timedOut
    /// A line of more than `limit` bytes.
    case tooLong(limit: Int)
  }

  package let child: ChildProcess
  /// What came on the output after the last whole line.
  private var unread: [UInt8] = []

  /// An answer longer than this is taken for nonsense.
  private static let lineLimit = 64 << 20

  /// Starts `command`, found by PATH, with `environment` as its whole environment.
  package init(command: [String], environment: [String: String]) throws(ChildProcess.SpawnFailure) {
    child = try ChildProcess(command: command, environment: environment)
  }

  /// Sends one request, newline included, and waits for its answer, a whole line without its newline.
  ///
  /// Whatever fails, the process is ended first.
  package func exchange(_ request: [UInt8], seconds: Double) throws(Failure) -> [UInt8] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var unsent = request[...]
    while true {
      if let line = takeLine() { return line }
      if unread.count > Self.lineLimit {
        child.end(killing: true)
        throw .tooLong(limit: Self.lineLimit)
      }
      let left = ContinuousClock.now.duration(to: deadline).components
      guard left.seconds >= 0, left.attoseconds >= 0 else {
        child.end(killing: true)
        throw .timedOut
      }
      let milliseconds = CInt(clamping: min(left.seconds, 3600) * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
      var waits = [
        pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child.log, events: Int16(POLLIN), revents: 0),
        pollfd(fd: unsent.isEmpty ? -1 : child.input, events: Int16(POLLOUT), revents: 0),
      ]
      // Interrupted by a signal, nothing is ready; the loop looks at the clock again.
      guard poll(&waits, 3, milliseconds) > 0 else { continue }
      if waits[1].revents != 0 { child.readLog() }
      if waits[2].revents != 0 { send(&unsent) }
      if waits[0].revents != 0, !readOutput() {
        let how = child.end()
        child.readLog()
        throw .died(how: how)
      }
    }
  }

  private func takeLine() -> [UInt8]? {
    guard let newline = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = Array(unread[..<newline])
    unread.removeSubrange(...newline)
    return line
  }

  /// Reads what stands on stdout; false at its end.
  private func readOutput() -> Bool {
    while let bytes = ChildProcess.read(child.output) {
      if bytes.isEmpty { return false }
      unread.append(contentsOf: bytes)
      if unread.count > Self.lineLimit { return true }
    }
    return true
  }

  /// Writes what the pipe takes. A reader that is gone shows as the end of the output, so that its failure is told once.
  private func send(_ unsent: inout ArraySlice<UInt8>) {
    let written = withoutBrokenPipeSignal { unsent.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) } }
    if written >= 0 {
      unsent = unsent.dropFirst(written)
    } else if errno != EAGAIN && errno != EINTR {
      unsent = []
    }
  }

  /// Keeps SIGPIPE, which would end the whole harness, from this thread for the length of `body`.
  private func withoutBrokenPipeSignal(_ body: () -> Int) -> Int {
    var brokenPipe = sigset_t()
    sigemptyset(&brokenPipe)
    sigaddset(&brokenPipe, SIGPIPE)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    let result = body()
    let reason = errno
    if result < 0 && reason == EPIPE {
      var none = timespec()
      while sigtimedwait(&brokenPipe, nil, &none) < 0 && errno == EINTR {}
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    errno = reason
    return result
  }
}
