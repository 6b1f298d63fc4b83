package import Experiments
package import Instrumentation
internal import YAML

/// How questions come: from users who ask one after the other, or at a rate, whatever becomes of them.
package struct QuestionLoad: Sendable, Hashable {
  package enum Pattern: Sendable, Hashable {
    /// Closed loops: each user asks the next question when the last was answered.
    case users(Int)
    /// An open loop.
    case open(ArrivalProcess)
  }

  package var pattern: Pattern
  /// As ids and tables write it: "users=4", "rate=2", "rate=2,arrivals=constant".
  package var name: String

  package init(_ pattern: Pattern) {
    self.pattern = pattern
    switch pattern {
    case .users(let count): name = "users=\(count)"
    case .open(let process):
      let law = process.law == "poisson" ? "" : ",arrivals=\(process.law)"
      name = "rate=\(LoadChoice.number(process.rate))\(law)"
    }
  }

  /// "users", or "rate" with the law of arrivals.
  package var labels: [String: String] {
    switch pattern {
    case .users(let count): ["load": name, "users": "\(count)"]
    case .open(let process): ["load": name, "rate": LoadChoice.number(process.rate), "arrivals": process.law]
    }
  }

  /// Questions that are under way from the first moment on.
  var atOnce: Int {
    if case .users(let count) = pattern { count } else { 1 }
  }

  /// The entries of a section's `load`, one user where there is none: `{users: [1, 4]}`, `{rate: [1, 2], arrivals: constant}`;
  /// arrivals are poisson unless said. Mistakes are reported.
  package static func read(_ section: SpecReader) -> [QuestionLoad] {
    guard section.has("load") else { return [QuestionLoad(.users(1))] }
    return section.elements("load").flatMap { element -> [QuestionLoad] in
      let reader = element.reader
      guard element.node.mapping != nil else { return [] }
      defer { reader.finish() }
      switch (reader.has("users"), reader.has("rate")) {
      case (true, false): return reader.integers("users", in: 1...10_000, default: []).map { .init(.users($0)) }
      case (false, true):
        let law = LoadChoice.arrivals(reader)
        return reader.numbers("rate", in: 1e-3...1e5, default: []).map { .init(.open(law.atRate($0))) }
      case (true, true): reader.report("is users and rate at once; give each an entry of its own")
      case (false, false): reader.report("is one of users or rate, such as {users: [1, 4]}")
      }
      return []
    }
  }
}
