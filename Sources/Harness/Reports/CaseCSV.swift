import RunStore

/// All cases as one CSV table (RFC 4180).
enum CaseCSV {
  static func text(_ cases: [CaseRecord]) -> String {
    let labels = Set(cases.flatMap(\.labels.keys)).sorted()
    let metrics = Set(cases.flatMap(\.metrics.keys)).sorted()
    let bounded = Set(cases.flatMap { $0.metrics.filter { $0.value.ci95?.count == 2 }.keys })
    var header = ["id", "workload"] + labels
    for metric in metrics {
      header.append(metric)
      if bounded.contains(metric) { header += [metric + "_ci95_low", metric + "_ci95_high"] }
    }
    header.append("failure")
    var lines = [header]
    for item in cases {
      var line = [item.id, item.workload] + labels.map { item.labels[$0] ?? "" }
      for metric in metrics {
        let value = item.metrics[metric]
        line.append(number(value?.value))
        if bounded.contains(metric) {
          let interval = value?.ci95 ?? []
          line += interval.count == 2 ? interval.map { number($0) } : ["", ""]
        }
      }
      line.append(item.failure ?? "")
      lines.append(line)
    }
    return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// The shortest text that reads back as the same number.
  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  private static func field(_ text: String) -> String {
    // By scalars: "\r\n" is one Character, which no comparison with "\n" finds.
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) || text != text.trimmed else {
      return text
    }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension String {
  /// Without spaces at its ends, which some readers of CSV drop.
  fileprivate var trimmed: Substring {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? endIndex
    return start < end ? self[start..<end] : ""
  }
}
