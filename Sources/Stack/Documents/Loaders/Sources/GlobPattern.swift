internal import Files
import Glibc

/// Which paths below a folder are meant: `*` and `?` within a name, `[a-z]`, `{md,rst}`, and `**` for any number of folders.
///
/// Names that begin with a dot are matched by a pattern that says the dot, as shells do.
struct GlobPattern {
  /// Patterns without braces, each cut at its slashes.
  private let alternatives: [[String]]

  /// - Throws: `DataError.invalid` for an empty pattern, an absolute one and a brace that does not close.
  init(_ pattern: String) throws {
    guard !pattern.isEmpty, !pattern.hasPrefix("/") else {
      throw DataError.invalid("the glob '\(pattern)' is none; write one relative to the folder, such as **/*.md")
    }
    alternatives = try Self.expand(pattern).map { $0.split(separator: "/").map(String.init) }
  }

  /// - Parameter path: relative, with "/" between names.
  func matches(_ path: String) -> Bool {
    let names = path.split(separator: "/").map(String.init)
    return alternatives.contains { Self.matches(names[...], $0[...]) }
  }

  private static func matches(_ names: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
    guard let part = pattern.first else { return names.isEmpty }
    if part == "**" {
      if matches(names, pattern.dropFirst()) { return true }
      guard let name = names.first, !name.hasPrefix(".") else { return false }
      return matches(names.dropFirst(), pattern)
    }
    guard let name = names.first, fnmatch(part, name, FNM_PERIOD | FNM_NOESCAPE) == 0 else { return false }
    return matches(names.dropFirst(), pattern.dropFirst())
  }

  /// `a{b,c}d` as `abd` and `acd`; braces do not nest.
  private static func expand(_ pattern: String) throws -> [String] {
    guard let open = pattern.firstIndex(of: "{") else { return [pattern] }
    guard let close = pattern[open...].firstIndex(of: "}") else {
      throw DataError.invalid("the glob '\(pattern)' opens a brace that it does not close")
    }
    let rest = try expand(String(pattern[pattern.index(after: close)...]))
    return pattern[pattern.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
      .flatMap { choice in rest.map { "\(pattern[..<open])\(choice)\($0)" } }
  }
}
