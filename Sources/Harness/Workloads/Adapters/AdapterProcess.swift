internal import Foundation
internal import Glibc
internal import Synchronization

/// A child process in a process group of its own, spoken to in lines; whatever it left running dies with it.
///
/// Not for several threads at once: a request is answered before the next is sent.
final class AdapterProcess {
  let name: String
  private(set) var input: CInt
  let output: CInt
  /// −1 once it is at its end, so that nobody polls it any more.
  private(set) var log: CInt
  /// What came on the output after the last whole line.
  var unread: [UInt8] = []
  /// The end of what came on stderr, at most `logLimit` bytes.
  var logTail: [UInt8] = []

  private let pid: pid_t
  private var exit: String?

  static let logLimit = 16_384
  /// How long a process may take to end once it has closed its output or was asked to quit.
  private static let graceMilliseconds = 5_000
  /// Held from making pipes to handing them to a child, so that no other adapter inherits an end and keeps it open.
  private static let spawning = Mutex(())

  /// Starts `command`, found by PATH, with `environment` as its whole environment.
  /// - Throws: `AdapterError.unavailable` if there is no such command, `.system` if there are no more pipes.
  init(name: String, command: [String], environment: [String: String]) throws(AdapterError) {
    guard let program = command.first, !program.isEmpty else {
      throw .unavailable(adapter: name, reason: "its command is empty; give the program and its arguments")
    }
    self.name = name
    let child = Self.spawning.withLock { _ in Self.spawn(program, command, environment) }
    switch child {
    case .success(let child):
      (pid, input, output, log) = (child.pid, child.input, child.output, child.log)
    case .failure(.pipe(let reason)):
      throw .system(path: "pipe", reason: reason)
    case .failure(.program(let reason)):
      throw .unavailable(adapter: name, reason: "\(program): \(reason)")
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

  func closeLog() {
    if log >= 0 { close(log) }
    log = -1
  }

  /// Closes the input, by which the process knows that it is to end, and waits until it has.
  ///
  /// A process that takes longer than the grace, and any other of its group, is killed.
  /// - Returns: "exit code 0", "signal 9", ….
  @discardableResult
  func end(killing: Bool = false) -> String {
    if let exit { return exit }
    if input >= 0 {
      close(input)
      input = -1
    }
    if !killing { waitForExit() }
    // While the process is not reaped, its number, and so its group's, cannot be another's.
    kill(-pid, SIGKILL)
    var status: CInt = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    let how = signal == 0 ? "exit code \((status >> 8) & 0xff)" : "signal \(signal)"
    exit = how
    return how
  }

  private func waitForExit() {
    for _ in 0..<Self.graceMilliseconds / 10 {
      var state = siginfo_t()
      let answer = waitid(P_PID, id_t(pid), &state, WEXITED | WNOHANG | WNOWAIT)
      if answer == 0 && state.si_signo != 0 { return }
      if answer < 0 && errno != EINTR { return }
      readLog()
      poll(nil, 0, 10)
    }
  }
}
