/// What a verb's `run` hands back to the shell.
enum ExitCode: Int32 {
  case success = 0
  case failure = 1
  case regression = 2
  case undecided = 3
  case notComparable = 4
  case usage = 64
}

/// One word of the command line; one file per verb.
protocol Verb: Sendable {
  static var name: String { get }
  /// One line for the overview.
  static var summary: String { get }
  /// Usage with every option and an example, as `ragmeter help VERB` prints it.
  static var usage: String { get }
  /// Options that take a value, and options that do not; anything else is refused with a suggestion.
  static var options: [Option] { get }
  static func run(_ arguments: Arguments) throws -> ExitCode
}

/// An option that a verb knows.
struct Option {
  var name: String
  var takesValue: Bool
  var repeats: Bool

  static func value(_ name: String, repeats: Bool = false) -> Option {
    Option(name: name, takesValue: true, repeats: repeats)
  }

  static func flag(_ name: String) -> Option { Option(name: name, takesValue: false, repeats: false) }
}

/// The command line was wrong; exits with 64.
struct UsageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
