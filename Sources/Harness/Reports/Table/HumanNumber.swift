import Foundation

/// Numbers as people read them: three digits and an SI prefix (12.3k, 4.20 ms, 188 MB), ratios with four decimals.
public enum HumanNumber {
  /// - Parameter unit: SI as in `MetricValue`: "s", "B", "1/s", "ratio", "×", "1"; another is written after the number.
  public static func text(_ value: Double, unit: String) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-∞" : "∞" }
    switch unit {
    case "ratio": return String(format: "%.4f", value)
    case "×": return multiple(value) + "×"
    case "s": return seconds(value)
    case "B": return scaled(value, ["B", "kB", "MB", "GB", "TB", "PB"], space: true)
    case "B/s": return scaled(value, ["B/s", "kB/s", "MB/s", "GB/s"], space: true)
    case "%": return digits(value) + " %"
    case "1/s", "1", "": return scaled(value, ["", "k", "M", "G", "T", "P"], space: false)
    default: return scaled(value, ["", "k", "M", "G", "T", "P"], space: false) + " " + unit
    }
  }

  /// Two decimals, as many more as two digits take, or fewer: 0.0012, 0.85, 1.25, 12.3.
  private static func multiple(_ value: Double) -> String {
    let size = abs(value)
    if size >= 10 { return digits(value) }
    if size == 0 || size >= 0.095 { return String(format: "%.2f", value) }
    return String(format: "%.\(min(1 - Int(floor(log10(size * 1.05))), 9))f", value)
  }

  /// A whole number with its thousands apart: 60 000.
  static func grouped(_ value: Double) -> String {
    var digits = Array(String(format: "%.0f", value))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(" ", at: place) }
    return String(digits)
  }

  private static func seconds(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0 s" }
    // 0.9995 µs rounds to 1.00 µs and not to 1 000 ns.
    if size < 999.5e-9 { return digits(value * 1e9) + " ns" }
    if size < 999.5e-6 { return digits(value * 1e6) + " µs" }
    if size < 999.5e-3 { return digits(value * 1e3) + " ms" }
    return (size < 999.5 ? digits(value) : String(format: "%.0f", value)) + " s"
  }

  private static func scaled(_ value: Double, _ prefixes: [String], space: Bool) -> String {
    var value = value
    var step = 0
    while abs(value) >= 999.5, step < prefixes.count - 1 {
      value /= 1000
      step += 1
    }
    let whole = step == 0 && value == value.rounded()
    let number = whole ? String(format: "%.0f", value) : digits(value)
    return prefixes[step].isEmpty ? number : number + (space ? " " : "") + prefixes[step]
  }

  /// Three significant digits, never in scientific form.
  private static func digits(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    let decimals = max(0, 2 - Int(floor(log10(size * (1 + 5e-4)))))
    return String(format: "%.\(min(decimals, 9))f", value)
  }
}
