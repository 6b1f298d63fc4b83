import Foundation

/// What standard output can show.
struct Terminal {
  /// Cells of a line: the terminal's own, else what COLUMNS says, else 120.
  var width: Int
  /// Lines of the terminal, or 24.
  var height: Int
  /// On a terminal that knows colours, unless NO_COLOR is set (no-color.org).
  var hasColor: Bool

  static var standardOutput: Terminal {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var size = winsize()
    let columns = environment["COLUMNS"].flatMap { Int($0) } ?? 120
    let isKnown = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(
      width: max(20, isKnown ? Int(size.ws_col) : columns),
      height: isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24,
      hasColor: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
  }
}
