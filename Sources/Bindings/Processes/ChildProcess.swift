internal import Foundation
internal import Glibc
internal import Synchronization

/// A child process in a process group of its own; whatever it left running dies with it.
///
/// It is asked to end by the end of its input, which comes too when this process is gone, however that was. Not for several
/// threads at once.
package final class ChildProcess {
  package private(set) var input: CInt
  package let output: CInt
  /// −1 once it is at its end, so that nobody polls it any more.
  package private(set) var log: CInt
  /// The end of what came on stderr, at most `logLimit` bytes.
  private var logTail: [UInt8] = []

  private let pid: pid_t
  private var exit: String?

  private static let logLimit = 16_384
  /// Held from making pipes to handing them to a child, so that no other child inherits an end and keeps it open.
  private static let spawning = Mutex(())

  /// Starts `command`, found by PATH, with `environment` as its whole environment.
  package init(command: [String], environment: [String: String]) throws(SpawnFailure) {
    guard let program = command.first, !program.isEmpty else {
      throw .program(reason: "its command is empty; give the program and its arguments")
    }
    let started = Self.spawning.withLock { _ in Self.spawn(program, command, environment) }
    switch started {
    case .success(let child): (pid, input, output, log) = (child.pid, child.input, child.output, child.log)
    case .failure(.pipe(let reason)): throw .pipe(reason: reason)
    case .failure(.program(let reason)): throw .program(reason: "\(program): \(reason)")
    }
    for descriptor in [input, output, log] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    end(killing: true)
    close(output)
    closeLog()
  }

  private func closeLog() {
    if log >= 0 { close(log) }
    log = -1
  }

  /// Closes the input, by which the process knows that it is to end, and waits until it has.
  ///
  /// A process that takes longer than the grace, and any other of its group, is killed.
  /// - Returns: "exit code 0", "signal 9", ….
  @discardableResult
  package func end(killing: Bool = false, graceSeconds: Int = 5) -> String {
    if let exit { return exit }
    if input >= 0 {
      close(input)
      input = -1
    }
    if !killing { waitForExit(seconds: graceSeconds) }
    // While the process is not reaped, its number, and so its group's, cannot be another's.
    kill(-pid, SIGKILL)
    var status: CInt = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    let how = signal == 0 ? "exit code \((status >> 8) & 0xff)" : "signal \(signal)"
    exit = how
    return how
  }

  /// Whether it has ended by itself; `end` then says how.
  package var hasEnded: Bool {
    guard exit == nil else { return true }
    while true {
      var state = siginfo_t()
      let answer = waitid(P_PID, id_t(pid), &state, WEXITED | WNOHANG | WNOWAIT)
      if answer < 0 && errno == EINTR { continue }
      return answer < 0 || state.si_signo != 0
    }
  }

  private func waitForExit(seconds: Int) {
    for _ in 0..<seconds * 100 where !hasEnded {
      readLog()
      poll(nil, 0, 10)
    }
  }

  // MARK: What it says

  /// The log's last lines, on one line, as a failure's sentence quotes them.
  package var logEnd: String { Self.lastLines(of: logTail) }

  /// The last lines of a log, on one line.
  package static func lastLines(of bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
      .suffix(3)
      .joined(separator: " | ")
  }

  /// Reads what stands on stderr and keeps its end.
  ///
  /// Stops after so many reads that a process which never ceases to log cannot hold up the clock.
  package func readLog() {
    for _ in 0..<16 {
      guard log >= 0, let bytes = Self.read(log) else { return }
      if bytes.isEmpty { closeLog() }
      logTail.append(contentsOf: bytes)
      if logTail.count > Self.logLimit { logTail.removeFirst(logTail.count - Self.logLimit) }
    }
  }

  /// Nil if nothing stands there now; empty at the end of the stream.
  package static func read(_ descriptor: CInt) -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
        count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        filled = max(0, count)
      }
      if count >= 0 { return bytes }
      if errno == EAGAIN { return nil }
      if errno != EINTR { return [] }
    }
  }
}
