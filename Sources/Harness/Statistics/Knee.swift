import Foundation

/// Where a curve that rises from the origin stops rising: throughput over load.
///
/// The curve is y = growth · x / (1 + (x / corner)^sharpness)^(1 / sharpness): it runs along the two asymptotic bounds of a
/// queueing network (Denning and Buzen, "The operational analysis of queueing network models", 1978), and turns from the one
/// to the other as sharply as the points say: at once in an open loop, over decades where batches get cheaper as they grow.
/// It is fitted by least squares of logarithms, for loads and throughputs span decades; where overload takes away again what
/// there was, the fit ends.
public struct Knee: Sendable, Equatable {
  /// What can be said of a curve.
  public enum Finding: Sendable, Equatable {
    case found(Knee)
    /// y grows up to the last x: what twice that x would bring, as a share of y.
    case notReached(doubling: Double)
    /// y does not grow from the first x on.
    case before
    /// Fewer than three different x, or a y that is not above 0.
    case unknown
  }

  /// Behind it twice the x brings less than `leastDoubling` more.
  public var x: Double
  public var y: Double
  /// Of x; nil: too few points to tell.
  public var interval: Interval?

  /// Growth that is one, of y, when x doubles.
  public static let leastDoubling = 0.1

  /// Fewer points lie too near to a curve of three parameters to tell how sure the knee is.
  private static let leastForInterval = 5

  /// - Parameters:
  ///   - x: loads, above 0; in any order.
  ///   - y: of each; NaN and infinities are left out.
  ///   - generator: gives the seed that residuals are resampled from.
  /// - Returns: the finding. O(resamples · n).
  public static func find(
    x: [Double], y: [Double], confidence: Double = 0.95, resamples: Int = 200,
    using generator: inout some RandomNumberGenerator
  ) -> Finding {
    let points = zip(x, y).filter { $0.isFinite && $1.isFinite && $0 > 0 }.sorted { $0.0 < $1.0 }
    guard Set(points.map(\.0)).count >= 3, points.allSatisfy({ $0.1 > 0 }), let first = points.first,
      let last = points.last
    else { return .unknown }
    let highest = points.map(\.1).max() ?? 0
    let end = points.lastIndex { $0.1 >= (1 - leastDoubling) * highest } ?? points.count - 1
    let logX = points[...end].map { log($0.0) }
    let logY = points[...end].map { log($0.1) }
    let curve = SaturatingCurve(logX, logY)
    guard curve.knee < last.0 else { return .notReached(doubling: curve.doubling(at: last.0)) }
    guard curve.knee > first.0 else { return .before }
    var knee = Knee(x: curve.knee, y: exp(curve.value(log(curve.knee))), interval: nil)
    guard logX.count >= leastForInterval, resamples > 0 else { return .found(knee) }
    var random = SplitMix64(seed: generator.next())
    // What the fit leaves, made as large as it would be without its own three parameters.
    let scale = (Double(logX.count) / Double(logX.count - 3)).squareRoot()
    let residuals = zip(logX, logY).map { ($1 - curve.value($0)) * scale }
    var knees = (0..<resamples).map { _ in
      let drawn = logX.map { curve.value($0) + residuals[Int.random(in: residuals.indices, using: &random)] }
      return SaturatingCurve(logX, drawn).knee
    }
    knees.sort()
    let tail = (1 - confidence) / 2
    if let lower = Quantile.value(tail, ofSorted: knees), let upper = Quantile.value(1 - tail, ofSorted: knees) {
      knee.interval = Interval(lower: min(lower, knee.x), upper: max(upper, knee.x), coverage: confidence)
    }
    return .found(knee)
  }
}

/// In logarithms.
private struct SaturatingCurve {
  private var growth = 0.0
  private var corner = 0.0
  /// Infinite: two straight pieces.
  private var sharpness = Double.infinity

  private static let sharpnesses = [16.0, 8, 5, 3, 2, 1.4, 1, 0.7, 0.5]
  /// Corners that are tried, first over all that the points could tell of, and then between the best one's neighbours.
  private static let corners = 24

  /// Two straight pieces, unless a bend leaves so much less of n points unexplained that its further parameter is worth it:
  /// an F of 4.
  ///
  /// - Parameter logX: rising.
  init(_ logX: [Double], _ logY: [Double]) {
    var best = search(logX, logY, sharpness: .infinity)
    let freedom = Double(logX.count - 3)
    var limit = best * (freedom > 0 ? freedom / (freedom + 4) : 1) - 1e-6
    for sharpness in Self.sharpnesses {
      var curve = self
      best = curve.search(logX, logY, sharpness: sharpness)
      guard best < limit else { continue }
      limit = best
      self = curve
    }
  }

  /// Takes the growth and the corner that fit best.
  ///
  /// - Returns: the sum of the squares of what is left.
  private mutating func search(_ logX: [Double], _ logY: [Double], sharpness: Double) -> Double {
    guard let first = logX.first, let last = logX.last else { return 0 }
    self.sharpness = sharpness
    var best = Double.infinity
    var range = first - 2...last + 2
    for _ in 0..<3 {
      let step = (range.upperBound - range.lowerBound) / Double(Self.corners)
      for place in 0...Self.corners {
        let corner = range.lowerBound + step * Double(place)
        let (error, growth) = Self.fit(logX, logY, corner: corner, sharpness: sharpness)
        if error < best { (best, self.growth, self.corner) = (error, growth, corner) }
      }
      range = self.corner - step...self.corner + step
    }
    return best
  }

  private static func bend(_ logX: Double, _ corner: Double, _ sharpness: Double) -> Double {
    guard sharpness.isFinite else { return min(logX, corner) }
    return logX - log1p(exp(sharpness * (logX - corner))) / sharpness
  }

  /// The growth for a corner and a sharpness is a mean.
  private static func fit(
    _ logX: [Double], _ logY: [Double], corner: Double, sharpness: Double
  ) -> (error: Double, growth: Double) {
    var (sum, squares) = (0.0, 0.0)
    for (x, y) in zip(logX, logY) {
      let difference = y - bend(x, corner, sharpness)
      sum += difference
      squares += difference * difference
    }
    let growth = sum / Double(logX.count)
    return (max(0, squares - growth * sum), growth)
  }

  func value(_ logX: Double) -> Double { growth + Self.bend(logX, corner, sharpness) }

  /// Where the slope of the logarithms has fallen to that of the least doubling.
  var knee: Double {
    let slope = log2(1 + Knee.leastDoubling)
    return exp(corner + (sharpness.isFinite ? log(1 / slope - 1) / sharpness : 0))
  }

  /// By the slope there.
  func doubling(at x: Double) -> Double {
    let slope =
      sharpness.isFinite ? 1 / (1 + exp(sharpness * (log(x) - corner))) : log(x) < corner ? 1 : 0
    return exp2(slope) - 1
  }
}
