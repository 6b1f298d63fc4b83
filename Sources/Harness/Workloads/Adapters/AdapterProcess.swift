internal import Foundation
internal import Processes

/// An adapter's process, spoken to in lines.
///
/// Not for several threads at once: a request is answered before the next is sent.
final class AdapterProcess {
  let name: String
  private let lines: LineProcess

  /// Starts `command`, found by PATH, with `environment` as its whole environment.
  /// - Throws: `AdapterError.unavailable` if there is no such command, `.system` if there are no more pipes.
  init(name: String, command: [String], environment: [String: String]) throws(AdapterError) {
    self.name = name
    do throws(ChildProcess.SpawnFailure) {
      lines = try LineProcess(command: command, environment: environment)
    } catch {
      switch error {
      case .pipe(let reason): throw .system(path: "pipe", reason: reason)
      case .program(let reason): throw .unavailable(adapter: name, reason: reason)
      }
    }
  }

  /// Sends one request and waits for its answer, a whole line without its newline.
  ///
  /// Whatever fails, the process is ended first.
  /// - Throws: `AdapterError.died`, `.timedOut`, `.nonsense` (a line over the limit: results travel in files).
  func exchange(_ request: Data, operation: String, seconds: Double) throws(AdapterError) -> [UInt8] {
    do throws(LineProcess.Failure) {
      return try lines.exchange([UInt8](request), seconds: seconds)
    } catch {
      switch error {
      case .died(let how): throw .died(adapter: name, operation: operation, how: how, log: logEnd)
      case .timedOut: throw .timedOut(adapter: name, operation: operation, seconds: seconds, log: logEnd)
      case .tooLong(let limit):
        throw .nonsense(
          adapter: name, operation: operation, reason: "a line of more than \(limit) bytes", log: logEnd)
      }
    }
  }

  /// The log's last lines, on one line.
  var logEnd: String { lines.child.logEnd }

  /// Asks it to end, and sees that it does.
  func end(killing: Bool = false) { lines.child.end(killing: killing) }

  /// Reads what it has said meanwhile.
  func readLog() { lines.child.readLog() }
}
