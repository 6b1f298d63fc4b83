internal import Experiments

/// What questions cost, in any money.
package struct RagPrices: Sendable, Hashable {
  /// Of the machine, an hour; nil where only tokens are paid for.
  package var machineHour: Double?
  /// Of a million tokens of prompts, and of outputs.
  package var input: Double
  package var output: Double

  package init(machineHour: Double? = nil, input: Double = 0, output: Double = 0) {
    self.machineHour = machineHour
    self.input = input
    self.output = output
  }

  /// A section's `prices: {machine_hour: 0.2, input: 0.1, output: 0.4}`; nil where there are none.
  static func read(_ section: SpecReader) -> RagPrices? {
    guard let reader = section.mapping("prices") else { return nil }
    defer { reader.finish() }
    func price(_ name: String) -> Double? { reader.has(name) ? reader.number(name, in: 0...1e9, default: 0) : nil }
    let prices = RagPrices(
      machineHour: price("machine_hour"), input: price("input") ?? 0, output: price("output") ?? 0)
    if !["machine_hour", "input", "output"].contains(where: { reader.has($0) }) {
      reader.report("states no price; known are machine_hour, input and output")
      return nil
    }
    return prices
  }

  /// - Parameters:
  ///   - questionsPerSecond: at which the machine is paid for, busy or not.
  ///   - promptTokens: of a question, as its answers' tokens; nil where nobody counts them.
  /// - Returns: nil where a price is asked for what nobody counts.
  func perThousandQuestions(
    questionsPerSecond: Double, promptTokens: Double?, outputTokens: Double?
  ) -> Double? {
    var sum = 0.0
    if let machineHour { sum += machineHour / 3600 * 1000 / questionsPerSecond }
    for (price, tokens) in [(input, promptTokens), (output, outputTokens)] where price > 0 {
      guard let tokens else { return nil }
      sum += price / 1e6 * tokens * 1000
    }
    return sum
  }
}
