internal import Kernels
internal import ModelFiles

/// One embedding of the vectors of a text's tokens.
struct TokenPooling: Sendable {
  let mode: SentenceTransformer.Pooling
  /// Whether embeddings are scaled to length 1.
  let normalizes: Bool

  func pool(_ rows: Rows, count: Int, width: Int, _ kernels: EncoderKernels, into output: UnsafeMutablePointer<Float>) {
    switch mode {
    case .cls: output.update(from: rows.floats, count: width)
    case .mean:
      withUnsafeTemporaryAllocation(of: Float.self, capacity: EncoderKernels.padded(width)) { sums in
        guard let sums = sums.baseAddress else { return }
        kernels.sumRows(rows.floats, rows.stride, count, EncoderKernels.padded(width), sums)
        for column in 0..<width { output[column] = sums[column] / Float(count) }
      }
    case .max:
      output.update(from: rows.floats, count: width)
      for row in 1..<max(count, 1) {
        let values = rows.from(row).floats
        for column in 0..<width { output[column] = max(output[column], values[column]) }
      }
    }
    guard normalizes else { return }
    let norm = Kernels.active.ip(output, output, width).squareRoot()
    guard norm > 0 else { return }
    for column in 0..<width { output[column] /= norm }
  }
}
