/// What a `/metrics` page says, in Prometheus' text format 0.0.4 or as OpenMetrics.
///
/// A line that cannot be read is named and left out: pages of real servers come with such lines, and the rest of them is as
/// true as ever.
package struct PrometheusText: Sendable {
  package struct Series: Sendable, Equatable {
    package var name: String
    /// In the order of the line.
    package var labels: [(name: String, value: String)]
    package var value: Double

    package init(name: String, labels: [(name: String, value: String)] = [], value: Double) {
      self.name = name
      self.labels = labels
      self.value = value
    }

    package subscript(label: String) -> String? { labels.first { $0.name == label }?.value }

    package static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.labels.elementsEqual(right.labels, by: ==)
        && (left.value == right.value || left.value.isNaN && right.value.isNaN)
    }
  }

  /// A line that was left out.
  package struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    package var reason: String

    package var description: String { "line \(line): \(reason)" }
  }

  package private(set) var series: [Series] = []
  /// "counter", "gauge", "histogram", …, by the name of the family.
  package private(set) var types: [String: String] = [:]
  package private(set) var help: [String: String] = [:]
  /// The first `problemLimit` of them.
  package private(set) var problems: [Problem] = []
  package private(set) var problemCount = 0

  package static let problemLimit = 16

  /// Told the bytes of a name, says whether what is said of it is to be read.
  package typealias Filter = (UnsafeBufferPointer<UInt8>) -> Bool

  /// - Parameter isWanted: the lines of other names are not looked at behind the name, and so cost little.
  /// - Complexity: O(bytes).
  package init(_ bytes: [UInt8], where isWanted: Filter = { _ in true }) {
    bytes.withUnsafeBufferPointer { read($0, isWanted) }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ isWanted: Filter) {
    var start = 0
    var number = 1
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      var line = PrometheusLine(UnsafeBufferPointer(rebasing: bytes[start..<end]))
      line.skipBlanks()
      do throws(PrometheusLine.Flaw) {
        if line.take(UInt8(ascii: "#")) {
          takeComment(&line, isWanted)
        } else if !line.isAtEnd, let found = try line.series(where: isWanted) {
          series.append(found)
        }
      } catch {
        problemCount += 1
        if problems.count < Self.problemLimit { problems.append(Problem(line: number, reason: error.reason)) }
      }
      start = end + 1
      number += 1
    }
  }

  /// Comments that are none of the format's are comments.
  private mutating func takeComment(_ line: inout PrometheusLine, _ isWanted: Filter) {
    let isType = line.take(word: "TYPE")
    guard isType || line.take(word: "HELP"), let name = line.word(where: isWanted) else { return }
    if isType { types[name] = line.word() } else { help[name] = line.rest() }
  }
}
