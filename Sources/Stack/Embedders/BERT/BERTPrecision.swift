internal import Kernels

/// The type of number that a BERT encoder multiplies; sums, norms and the residual stream are float32 in all of them.
public enum BERTPrecision: String, Sendable, CaseIterable {
  /// What the model's authors measured.
  case f32
  /// Weights and activations rounded to bfloat16: twice as fast, mean cosine to f32 about 0.9999.
  case bf16
  /// Weights and activations as bytes with scales of their own, attention in bf16: four times as fast with VNNI, mean cosine
  /// to f32 above 0.999.
  case int8
  /// The fastest that this CPU has instructions for and that keeps mean cosine 0.999, no text under 0.995, on sample texts.
  case fast
}
