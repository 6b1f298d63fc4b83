import Foundation

/// Where a curve that rises from the origin stops rising: throughput over load.
///
/// Two straight pieces that meet: y = growth · x up to the knee, and from there on with another slope. It is the asymptotic
/// bounds of a queueing network with its corner left free (Denning and Buzen, "The operational analysis of queueing network
/// models", 1978), fitted by least squares of relative residuals, for loads and throughputs span decades.
public struct Knee: Sendable, Equatable {
  /// What can be said of a curve.
  public enum Finding: Sendable, Equatable {
    case found(Knee)
    /// y grows up to the last x: its growth there, as a share of that at the beginning.
    case notReached(growth: Double)
    /// y does not grow from the first x on.
    case before
    /// Fewer than three different x, or a y that is not above 0.
    case unknown
  }

  /// Where the pieces meet.
  public var x: Double
  public var y: Double
  /// Slopes before and behind it.
  public var growthBefore: Double
  public var growthBehind: Double
  /// Of x; nil: too few points to tell.
  public var interval: Interval?

  /// Behind a knee more load brings less than this share of what it brought before.
  public static let mostGrowth = 0.5

  /// Fewer points lie on two pieces too well to tell how sure the knee is.
  private static let leastForInterval = 5

  /// - Parameters:
  ///   - x: loads, above 0; in any order.
  ///   - y: of each; NaN and infinities are left out.
  ///   - generator: gives the seed that residuals are resampled from.
  /// - Returns: the finding. O(resamples · candidates · n).
  public static func find(
    x: [Double], y: [Double], confidence: Double = 0.95, resamples: Int = 500,
    using generator: inout some RandomNumberGenerator
  ) -> Finding {
    let points = zip(x, y).filter { $0.isFinite && $1.isFinite && $0 > 0 }.sorted { $0.0 < $1.0 }
    guard Set(points.map(\.0)).count >= 3, points.allSatisfy({ $0.1 > 0 }), let first = points.first,
      let last = points.last
    else { return .unknown }
    let xs = points.map(\.0)
    let ys = points.map(\.1)
    guard let fit = Broken(xs, ys) else { return .unknown }
    let relative = fit.behind / fit.before
    guard relative < mostGrowth, fit.knee < last.0 else { return .notReached(growth: Self.endGrowth(xs, ys)) }
    guard fit.knee > first.0 else { return .before }
    var knee = Knee(
      x: fit.knee, y: fit.before * fit.knee, growthBefore: fit.before, growthBehind: fit.behind, interval: nil)
    guard points.count >= leastForInterval, resamples > 0 else { return .found(knee) }
    var random = SplitMix64(seed: generator.next())
    // What the fit leaves, made as large as it would be with its own freedom: three of the points' went into it.
    let scale = (Double(points.count) / Double(points.count - 3)).squareRoot()
    let residuals = zip(xs, ys).map { (log($1) - log(fit.value($0))) * scale }
    var knees: [Double] = []
    for _ in 0..<resamples {
      let drawn = xs.map { x in fit.value(x) * exp(residuals[Int.random(in: residuals.indices, using: &random)]) }
      if let again = Broken(xs, drawn) { knees.append(again.knee) }
    }
    knees.sort()
    let tail = (1 - confidence) / 2
    if let lower = Quantile.value(tail, ofSorted: knees), let upper = Quantile.value(1 - tail, ofSorted: knees) {
      knee.interval = Interval(lower: min(lower, knee.x), upper: max(upper, knee.x), coverage: confidence)
    }
    return .found(knee)
  }

  /// The slope from the point before the last to the last, as a share of that from the origin to the first.
  private static func endGrowth(_ xs: [Double], _ ys: [Double]) -> Double {
    let last = xs.count - 1
    guard let before = xs.lastIndex(where: { $0 < xs[last] }) else { return 0 }
    return (ys[last] - ys[before]) / (xs[last] - xs[before]) / (ys[0] / xs[0])
  }
}

/// The pieces that fit best.
private struct Broken {
  var knee: Double
  var before: Double
  var behind: Double

  func value(_ x: Double) -> Double { before * min(x, knee) + behind * max(0, x - knee) }

  /// With one point behind it any corner fits with a slope of its own; the flattest is the one that claims least. So little
  /// that it decides nothing else.
  private static let slopeWeight = 1e-3
  /// Corners that are tried between two neighbouring points.
  private static let steps = 16

  /// - Parameter xs: rising.
  init?(_ xs: [Double], _ ys: [Double]) {
    var best: (error: Double, fit: Broken)?
    for index in xs.indices.dropLast() where xs[index] < xs[index + 1] {
      for step in 0..<Self.steps {
        let knee = xs[index] * pow(xs[index + 1] / xs[index], Double(step) / Double(Self.steps))
        guard let fit = Self.fit(xs, ys, knee: knee) else { continue }
        let relative = fit.behind / fit.before
        let error = zip(xs, ys).reduce(Self.slopeWeight * relative * relative) { sum, point in
          let difference = 1 - fit.value(point.0) / point.1
          return sum + difference * difference
        }
        // An equal fit with an earlier corner says no more.
        if error < (best?.error ?? .infinity) * (1 - 1e-9) { best = (error, fit) }
      }
    }
    guard let best else { return nil }
    self = best.fit
  }

  private init(knee: Double, before: Double, behind: Double) {
    self.knee = knee
    self.before = before
    self.behind = behind
  }

  /// The slopes for a corner: least squares of 1 - fit / y, two equations.
  private static func fit(_ xs: [Double], _ ys: [Double], knee: Double) -> Broken? {
    var (uu, uv, vv, u1, v1) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(xs, ys) {
      let u = min(x, knee) / y
      let v = max(0, x - knee) / y
      uu += u * u
      uv += u * v
      vv += v * v
      u1 += u
      v1 += v
    }
    let determinant = uu * vv - uv * uv
    guard determinant > 1e-12 * uu * vv, vv > 0 else { return nil }
    let before = (u1 * vv - v1 * uv) / determinant
    let behind = (v1 * uu - u1 * uv) / determinant
    guard before > 0 else { return nil }
    return Broken(knee: knee, before: before, behind: behind)
  }
}
