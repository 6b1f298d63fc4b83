/// Why an adapter's case failed, as one sentence. Whichever it is, the run goes on with its next case.
package enum AdapterError: Error, Equatable, CustomStringConvertible {
  /// It could not be started: what is missing and what to do about it.
  case unavailable(adapter: String, reason: String)
  /// It answered that it cannot do what was asked, in its own words.
  case refused(adapter: String, operation: String, reason: String)
  /// It ended without answering; `how` is "exit code 3" or "signal 11".
  case died(adapter: String, operation: String, how: String, log: String)
  /// It did not answer in time and was killed.
  case timedOut(adapter: String, operation: String, seconds: Double, log: String)
  /// It answered what cannot be: the field or the file at fault.
  case nonsense(adapter: String, operation: String, reason: String, log: String)
  /// The operating system refused a file or a pipe of the harness.
  case system(path: String, reason: String)

  package var description: String {
    switch self {
    case .unavailable(let adapter, let reason):
      "adapter \(adapter) cannot start: \(reason)"
    case .refused(let adapter, let operation, let reason):
      "adapter \(adapter) refused \(operation): \(reason)"
    case .died(let adapter, let operation, let how, let log):
      "adapter \(adapter) ended with \(how) during \(operation)\(Self.tail(log))"
    case .timedOut(let adapter, let operation, let seconds, let log):
      "adapter \(adapter) gave no answer to \(operation) within \(seconds) s and was killed\(Self.tail(log))"
    case .nonsense(let adapter, let operation, let reason, let log):
      "adapter \(adapter) answered \(operation) with nonsense: \(reason)\(Self.tail(log))"
    case .system(let path, let reason):
      "\(path): \(reason)"
    }
  }

  private static func tail(_ log: String) -> String { log.isEmpty ? "" : "; its log ends: \(log)" }
}
