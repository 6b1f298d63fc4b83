import Foundation

/// The points of a sweep that no other point beats in both directions, say recall against QPS.
public struct ParetoFront: Sendable, Equatable {
  /// Which y is better.
  public enum Better: Sendable { case higher, lower }

  /// How y runs between two neighbours of the front.
  public enum Interpolation: Sendable { case logarithmic, linear }

  public struct Point: Sendable, Equatable {
    public var x: Double
    public var y: Double
    /// Position among the points that were handed over.
    public var index: Int
  }

  /// In rising x; from each to the next y gets worse.
  public let points: [Point]

  /// - Parameters:
  ///   - x: of each point, higher is better.
  ///   - y: of each point. Points with an x or y that is not finite are left out; of equal points the first is kept.
  ///
  /// O(n log n).
  public init(x: [Double], y: [Double], better: Better) {
    func isBetter(_ a: Double, _ b: Double) -> Bool { better == .higher ? a > b : a < b }
    let candidates = zip(x, y).enumerated()
      .map { Point(x: $0.element.0, y: $0.element.1, index: $0.offset) }
      .filter { $0.x.isFinite && $0.y.isFinite }
      .sorted { a, b in
        if a.x != b.x { return a.x > b.x }
        if a.y != b.y { return isBetter(a.y, b.y) }
        return a.index < b.index
      }
    var front: [Point] = []
    for point in candidates {
      if let last = front.last, !isBetter(point.y, last.y) { continue }
      front.append(point)
    }
    points = front.reversed()
  }

  /// y where the front reaches `x`: interpolated between the two neighbours, in log y unless told otherwise or a y is
  /// not above 0. Left of the front it is the front's first y, whose x is better than asked for.
  ///
  /// - Returns: `nil` where the front does not reach `x`. O(n).
  public func y(at x: Double, _ interpolation: Interpolation = .logarithmic) -> Double? {
    guard let next = points.firstIndex(where: { $0.x >= x }) else { return nil }
    let right = points[next]
    guard next > 0, right.x > x else { return right.y }
    let left = points[next - 1]
    let share = (x - left.x) / (right.x - left.x)
    if interpolation == .logarithmic, left.y > 0, right.y > 0 {
      return exp(log(left.y) + share * (log(right.y) - log(left.y)))
    }
    return left.y + share * (right.y - left.y)
  }
}
