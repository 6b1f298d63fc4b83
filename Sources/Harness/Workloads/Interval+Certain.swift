internal import Statistics

extension Interval {
  /// The bounds, if the samples were enough for 95 %: six repetitions for a median.
  var certainBounds: [Double]? { coverage >= 0.95 ? bounds : nil }
}
