internal import Glibc

extension ChildProcess {
  struct Started {
    let pid: pid_t
    let input: CInt
    let output: CInt
    let log: CInt
  }

  package enum SpawnFailure: Error {
    /// There are no more pipes.
    case pipe(reason: String)
    /// There is no such program, or it may not be run.
    case program(reason: String)
  }

  /// Starts `program` as the leader of its own process group, with pipes for the three standard streams and every signal
  /// as a fresh process has it.
  static func spawn(
    _ program: String, _ command: [String], _ environment: [String: String]
  ) -> Result<Started, SpawnFailure> {
    guard let stdin = Pipe(), let stdout = Pipe(), let stderr = Pipe() else {
      return .failure(.pipe(reason: String(cString: strerror(errno))))
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, stdin.read, 0)
    posix_spawn_file_actions_adddup2(&actions, stdout.write, 1)
    posix_spawn_file_actions_adddup2(&actions, stderr.write, 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var pid: pid_t = 0
    let status = withCStrings(command) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
        posix_spawnp(&pid, program, &actions, &attributes, arguments, variables)
      }
    }
    guard status == 0 else { return .failure(.program(reason: String(cString: strerror(status)))) }
    return .success(Started(pid: pid, input: stdin.takeWrite(), output: stdout.takeRead(), log: stderr.takeRead()))
  }
}

/// Both ends of a pipe, closed in a child by `exec`, and here when nobody has taken them.
private final class Pipe {
  private(set) var read: CInt
  private(set) var write: CInt

  init?() {
    var ends: [CInt] = [-1, -1]
    let status = pipe(&ends)
    (read, write) = (ends[0], ends[1])
    guard status == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    if read >= 0 { close(read) }
    if write >= 0 { close(write) }
  }

  func takeRead() -> CInt {
    defer { read = -1 }
    return read
  }

  func takeWrite() -> CInt {
    defer { write = -1 }
    return write
  }
}

/// Lends `strings` as C wants an argument or environment vector: ended by a null pointer.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
