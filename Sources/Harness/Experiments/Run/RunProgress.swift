/// How far a run is and how long it will still take: one line that is redrawn, on a terminal only.
///
/// Steps of one kind (builds, passes) take about as long as each other; the time left is estimated by kind.
package final class RunProgress {
  private struct Kind {
    var done = 0
    var expected = 0
    var seconds = 0.0
  }

  private let seconds: () -> Double
  private let write: (String) -> Void
  private let isTerminal: Bool
  private var kinds: [String: Kind] = [:]
  private var isDrawn = false
  private var lastDrawn = -Double.infinity

  /// - Parameters:
  ///   - seconds: a clock that only rises.
  ///   - isTerminal: whether a line may be redrawn; else only notes are written.
  ///   - write: takes text as it is.
  package init(seconds: @escaping () -> Double, isTerminal: Bool, write: @escaping (String) -> Void) {
    self.seconds = seconds
    self.isTerminal = isTerminal
    self.write = write
  }

  /// Announces steps to come.
  package func expect(_ count: Int, _ kind: String) { kinds[kind, default: Kind()].expected += count }

  /// Announces that steps will not be taken after all.
  package func skip(_ count: Int, _ kind: String) { kinds[kind, default: Kind()].expected -= count }

  /// Takes one step and draws what it is about.
  package func step<Result>(_ kind: String, _ subject: String, _ body: () throws -> Result) rethrows -> Result {
    draw(subject)
    let start = seconds()
    defer {
      kinds[kind, default: Kind()].done += 1
      kinds[kind, default: Kind()].seconds += seconds() - start
    }
    return try body()
  }

  /// Redraws the line outside of any step: while something is fetched.
  package func status(_ text: String) { draw(text) }

  /// A line that stays.
  package func note(_ sentence: String) {
    clear()
    write(sentence + "\n")
  }

  /// Takes the line away.
  package func clear() {
    guard isDrawn else { return }
    write("\r\u{1B}[K")
    isDrawn = false
  }

  /// Seconds that the announced steps will take; `nil` before one step of each kind was taken.
  package var remaining: Double? {
    var sum = 0.0
    for kind in kinds.values where kind.expected > kind.done {
      guard kind.done > 0 else { return nil }
      sum += Double(kind.expected - kind.done) * kind.seconds / Double(kind.done)
    }
    return sum
  }

  private func draw(_ subject: String) {
    guard isTerminal, seconds() - lastDrawn > 0.1 else { return }
    lastDrawn = seconds()
    isDrawn = true
    let counts = kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.done)/\($0.value.expected)" }
    let left = remaining.map { ["\(Self.duration($0)) left"] } ?? []
    let line = ([bar] + counts + left + [subject]).joined(separator: " · ")
    write("\r\(line.prefix(118))\u{1B}[K")
  }

  /// Twenty cells, as many filled as time has passed of all that is needed; before that can be told, of the steps.
  private var bar: String {
    let cells = 20
    let spent = kinds.values.map(\.seconds).reduce(0, +)
    let expected = kinds.values.map { max($0.expected, $0.done) }.reduce(0, +)
    var share = expected > 0 ? Double(kinds.values.map(\.done).reduce(0, +)) / Double(expected) : 0
    if let remaining, spent + remaining > 0 { share = spent / (spent + remaining) }
    let filled = Int((share * Double(cells)).rounded(.down))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 60
      ? "\(whole) s" : whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
