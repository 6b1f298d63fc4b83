/// How many values lie under which bounds, as servers tell it to those who watch them.
public struct BoundedCounts: Sendable, Equatable {
  /// Rising; a value belongs to the first that is not less.
  public let bounds: [Double]
  /// Of each bound, not counting what lies under the one before; at the end of what lies above all.
  public private(set) var counts: [Int]
  public private(set) var sum = 0.0

  /// vLLM's for whole requests.
  public static let requestSeconds = [
    0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
  ]

  public init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  public var count: Int { counts.reduce(0, +) }

  /// - Complexity: O(bounds).
  public mutating func record(_ value: Double, times: Int = 1) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += times
    sum += value * Double(times)
  }

  /// Adds what other counts of the same bounds have seen.
  public mutating func merge(_ other: BoundedCounts) {
    precondition(bounds == other.bounds, "counts of different bounds cannot be added")
    for place in counts.indices { counts[place] += other.counts[place] }
    sum += other.sum
  }
}
