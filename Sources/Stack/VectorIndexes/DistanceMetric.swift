/// How two vectors are compared. Every distance in this package is *smaller is nearer*.
public enum DistanceMetric: String, Sendable, CaseIterable, Codable {
  /// Squared Euclidean distance, |q − x|².
  case l2
  /// Negated inner product, −⟨q, x⟩.
  case ip
  /// 1 − ⟨q, x⟩ / (|q|·|x|). Zero vectors are refused.
  case cosine
}
