internal import Foundation
internal import Statistics

extension LoadResult {
  /// What came of a pass, and whether it can be believed, on one line: "412 tokens/s, 64 of 64 completed, measured 3.1–27.4 s of
  /// 30.2 s, schedule lag p99 0.08 ms, client CPU 0.4 s (1.3 %), valid".
  var summary: String {
    func number(_ format: String, _ values: Double...) -> String {
      withVaList(values) { NSString(format: format, arguments: $0) as String }
    }
    let seconds = max(windowSeconds, .leastNonzeroMagnitude)
    var parts = [
      number("%.0f tokens/s", Double(outputTokens) / seconds),
      "\(counts.completed) of \(counts.scheduled) completed",
      number(
        "measured %.1f–%.1f s of %.1f s", Double(window.lowerBound) / 1e9, Double(window.upperBound) / 1e9, wallSeconds),
    ]
    if let lag = scheduleLag.quantile(0.99) { parts.append(number("schedule lag p99 %.2f ms", Double(lag) / 1e6)) }
    parts.append(
      number("client CPU %.2f s (%.1f %%)", clientCPUSeconds, clientCPUSeconds / max(wallSeconds, 1e-9) * 100))
    parts.append(doubts.isEmpty ? "valid" : "invalid: \(doubts.joined(separator: "; "))")
    return parts.joined(separator: ", ")
  }
}
