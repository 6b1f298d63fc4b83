import Foundation

/// Descriptive statistics of a sample. All are O(n); `nil` where the sample is too small to have them.
public enum Descriptive {
  /// Arithmetic mean, summed with Neumaier's compensation, so that a million small latencies lose nothing.
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : sum(values) / Double(values.count)
  }

  /// Unbiased variance (n − 1), in two passes; `nil` below two values.
  public static func variance(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    return sum(values.map { ($0 - mean) * ($0 - mean) }) / Double(values.count - 1)
  }

  public static func standardDeviation(_ values: [Double]) -> Double? {
    variance(values)?.squareRoot()
  }

  /// `nil` if a value is not above 0.
  public static func geometricMean(_ values: [Double]) -> Double? {
    guard !values.isEmpty, values.allSatisfy({ $0 > 0 }) else { return nil }
    return exp(sum(values.map { log($0) }) / Double(values.count))
  }

  /// Middle value, or the mean of the middle two. O(n log n).
  public static func median(_ values: [Double]) -> Double? {
    Quantile.value(0.5, of: values)
  }

  static func sum(_ values: [Double]) -> Double {
    var total = 0.0
    var lost = 0.0
    for value in values {
      let next = total + value
      lost += abs(total) >= abs(value) ? (total - next) + value : (value - next) + total
      total = next
    }
    return lost.isFinite ? total + lost : total
  }
}
