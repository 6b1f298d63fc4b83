/// KV memory over time, in so few points that they can be stored and drawn.
package struct KVTimeline: Sendable, Equatable {
  package struct Point: Sendable, Equatable {
    /// From the beginning of the pass to the end of the step.
    package var seconds: Double
    /// Of the budget: used, and holding tokens that somebody needs.
    package var used: Double
    package var stored: Double

    package init(seconds: Double, used: Double, stored: Double) {
      self.seconds = seconds
      self.used = used
      self.stored = stored
    }
  }

  /// In the order of time, fewer than `most`.
  package private(set) var points: [Point] = []
  /// Every so many steps one point is kept.
  private var stride = 1
  private var steps = 0

  package static let most = 512

  package init() {}

  /// Steps between points double as often as the points are too many.
  package mutating func append(_ point: @autoclosure () -> Point) {
    defer { steps += 1 }
    guard steps % stride == 0 else { return }
    points.append(point())
    guard points.count == Self.most else { return }
    points = points.indices.filter { $0 % 2 == 0 }.map { points[$0] }
    stride *= 2
  }
}
