import Spelling

/// A verb's options and operands, checked against what the verb knows.
struct Arguments {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]
  private var flags: Set<String> = []

  /// - Throws: `UsageError` for an unknown option, a missing value, or a value given twice where one is expected.
  init(_ words: ArraySlice<String>, options: [Option]) throws {
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        operands.append(contentsOf: rest)
        break
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = options.first(where: { $0.name == parts[0] }) else {
        let known = options.map(\.name)
        let hint = Spelling.nearest(to: parts[0], among: known).map { "; did you mean \($0)?" }
        throw UsageError("unknown option \(parts[0])\(hint ?? "; known options: \(known.joined(separator: " "))")")
      }
      guard option.takesValue else {
        guard parts.count == 1 else { throw UsageError("\(option.name) takes no value") }
        flags.insert(option.name)
        continue
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw UsageError("\(option.name) needs a value")
      }
      guard option.repeats || values[option.name] == nil else {
        throw UsageError("\(option.name) was given twice; once is enough")
      }
      values[option.name, default: []].append(value)
    }
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }

  func all(_ option: String) -> [String] { values[option] ?? [] }

  func value(_ option: String) -> String? { values[option]?.first }

  /// - Throws: `UsageError` if the value is no integer in `range`.
  func integer(_ option: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
    guard let text = value(option) else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(option) needs an integer from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// - Throws: `UsageError` if the value is no number.
  func number(_ option: String, default fallback: Float) throws -> Float {
    guard let text = value(option) else { return fallback }
    guard let number = Float(text) else { throw UsageError("\(option) needs a number, not '\(text)'") }
    return number
  }
}
