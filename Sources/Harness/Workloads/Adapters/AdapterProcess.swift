internal import Foundation
internal import Processes

/// An adapter's process, spoken to in lines.
///
/// Not for several threads at once: a request is answered before the next is sent.
final class AdapterProcess {
  let name: String
  let child: ChildProcess
  /// What came on the output after the last whole line.
  var unread: [UInt8] = []

  /// Starts `command`, found by PATH, with `environment` as its whole environment.
  /// - Throws: `AdapterError.unavailable` if there is no such command, `.system` if there are no more pipes.
  init(name: String, command: [String], environment: [String: String]) throws(AdapterError) {
    self.name = name
    do throws(ChildProcess.SpawnFailure) {
      child = try ChildProcess(command: command, environment: environment)
    } catch {
      switch error {
      case .pipe(let reason): throw .system(path: "pipe", reason: reason)
      case .program(let reason): throw .unavailable(adapter: name, reason: reason)
      }
    }
  }

  /// The log's last lines, on one line.
  var logEnd: String { child.logEnd }

  /// Asks it to end, and sees that it does.
  func end(killing: Bool = false) { child.end(killing: killing) }

  /// Reads what it has said meanwhile.
  func readLog() { child.readLog() }
}
