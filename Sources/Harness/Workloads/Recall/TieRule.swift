/// When a returned vector counts as one of the k nearest.
package enum TieRule: String, Sendable, CaseIterable {
  /// Its distance is at most the true k-th distance plus a relative 1e-6.
  case distance
  /// Its id is one of the true k.
  case ids
  /// Its distance is at most the true k-th distance plus 1e-3, distances as ann-benchmarks states them (Euclidean, not
  /// squared).
  case annBenchmarks = "ann-benchmarks"
}
