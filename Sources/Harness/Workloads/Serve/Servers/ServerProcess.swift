internal import Foundation
internal import Glibc
internal import HTTP
internal import Processes

/// A server that runs while it is measured.
///
/// It is a child as adapters are, but for one thing: no server takes the end of its input for a request to end. A shell between
/// the two does, and sends it SIGTERM; so it ends even where this process was killed. What it says goes to a file, for nobody
/// has time to read it while it is measured.
package final class ServerProcess {
  private let name: String
  private let child: ChildProcess
  private let log: URL

  /// Seconds that a server may take to finish once it was asked to end.
  private static let graceSeconds = 15
  /// How often a server that starts is asked whether it is ready.
  private static let pollMicroseconds: UInt32 = 20_000

  /// Between the harness and a server: `$1` is the file for what it says, the rest is its command.
  ///
  /// The trap keeps the shell alive while it ends its own group, and is reset in what it starts.
  private static let shell = """
    log=$1; shift
    trap : TERM
    exec 3<&0 </dev/null
    "$@" >"$log" 2>&1 3<&- &
    server=$!
    { trap : TERM; read -r none <&3; kill -TERM 0; sleep \(graceSeconds + 5); kill -KILL 0; } 2>/dev/null &
    wait $server; status=$?
    while kill -0 $server 2>/dev/null; do wait $server; status=$?; done
    exit $status
    """

  /// Starts the command, and waits for nothing.
  ///
  /// - Parameters:
  ///   - name: what errors call it.
  ///   - environment: its whole environment.
  ///   - folder: where what it says is kept, as long as it runs.
  /// - Throws: `EngineError` if no shell can be started.
  package init(name: String, command: [String], environment: [String: String], folder: String) throws {
    self.name = name
    log = URL(fileURLWithPath: folder).appending(path: "ragmeter-server-\(UUID().uuidString).log")
    do throws(ChildProcess.SpawnFailure) {
      child = try ChildProcess(
        command: ["/bin/sh", "-c", Self.shell, "ragmeter", log.path] + command, environment: environment)
    } catch {
      switch error {
      case .pipe(let reason), .program(let reason): throw EngineError("\(name) cannot be started: \(reason)")
      }
    }
  }

  deinit { close() }

  /// Asks it to end, and sees that it does.
  package func close() {
    child.end(graceSeconds: Self.graceSeconds)
    try? FileManager.default.removeItem(at: log)
  }

  /// Waits until it says where it listens: the first URL of a loopback address in what it says.
  ///
  /// - Throws: `EngineError` if it ends, or says nothing in time.
  package func announcedURL(within seconds: Double) throws -> String {
    try wait(seconds, "did not say where it listens") {
      let said = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
      return said.firstMatch(of: /http:\/\/[0-9.]+:[0-9]+/).map { String($0.output) }
    }
  }

  /// Waits until a GET of `url` is answered by 200.
  ///
  /// - Throws: `EngineError` if it ends, or does not get ready in time.
  package func waitUntilReady(_ url: String, within seconds: Double) throws {
    try wait(seconds, "gave no answer at \(url)") {
      (try? HTTPResponse.get(url, limit: 1 << 20)).map { _ in () }
    }
  }

  private func wait<Result>(_ seconds: Double, _ complaint: String, until ready: () -> Result?) throws -> Result {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let result = ready() { return result }
      if child.hasEnded { throw EngineError("\(name) ended with \(child.end(killing: true))\(logEnd)") }
      guard ContinuousClock.now < deadline else {
        throw EngineError("\(name) \(complaint) within \(SecondsWord.text(seconds))\(logEnd)")
      }
      usleep(Self.pollMicroseconds)
    }
  }

  /// Why it is gone; `nil` while it runs.
  package var failure: String? {
    child.hasEnded ? "\(name) ended with \(child.end(killing: true))\(logEnd)" : nil
  }

  private var logEnd: String {
    guard let handle = try? FileHandle(forReadingFrom: log) else { return "" }
    defer { try? handle.close() }
    let length = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: length > Self.tail ? length - Self.tail : 0)
    let end = ChildProcess.lastLines(of: (try? handle.readToEnd()) ?? Data())
    return end.isEmpty ? "" : "; its log ends: \(end)"
  }

  private static let tail: UInt64 = 16_384
}
