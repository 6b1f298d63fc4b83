/// The type of number that a BERT encoder multiplies; sums, norms and the residual stream are float32 in all of them.
public enum BERTPrecision: String, Sendable, CaseIterable {
  /// What the model's authors measured.
  case f32
  /// Weights and activations rounded to bfloat16: twice as fast, mean cosine to f32 about 0.9999.
  case bf16
}
