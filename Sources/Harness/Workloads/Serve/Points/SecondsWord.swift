/// A span of time as people write it: `500ms`, `2s`, `1.5min`, or a bare number of seconds.
package enum SecondsWord {
  private static let units = [("ms", 1e-3), ("min", 60.0), ("s", 1.0)]

  /// - Returns: seconds, above 0; `nil` for another word.
  package static func seconds(_ word: String) -> Double? {
    let unit = units.first { word.hasSuffix($0.0) }
    guard let number = Double(word.dropLast(unit?.0.count ?? 0).trimmingSuffix { $0 == " " }),
      number.isFinite, number > 0
    else { return nil }
    return number * (unit?.1 ?? 1)
  }

  /// As ids and tables write it: "500ms", "2s".
  package static func text(_ seconds: Double) -> String {
    func number(_ value: Double) -> String {
      let rounded = (value * 1e6).rounded() / 1e6
      return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
    return seconds < 1 ? "\(number(seconds * 1000))ms" : "\(number(seconds))s"
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, condition(last) { rest.removeLast() }
    return rest
  }
}
