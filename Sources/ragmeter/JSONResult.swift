import Foundation
import Reports

/// What verbs that list and describe write: a text, or JSON where `--json` asks for it.
enum JSONResult {
  /// The result as JSON where it was asked for, and as text unless the JSON takes standard output.
  static func emit(_ result: some Encodable, _ arguments: Arguments, text: () throws -> String) throws {
    if let path = arguments.value("--json") {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try OutputFile.write(encoder.encode(result) + Data("\n".utf8), to: path)
      if path == "-" { return }
    }
    try OutputFile.write(Data(text().utf8), to: "-")
  }

  /// Names and values, a line each, in two columns.
  static func lines(_ pairs: [(String, String)]) -> String {
    let width = pairs.map(\.0.count).max() ?? 0
    return pairs.map { "\($0.0.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.1)\n" }.joined()
  }
}
