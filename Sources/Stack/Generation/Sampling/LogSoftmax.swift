internal import Foundation
internal import Kernels

/// The log softmax of a row of logits.
struct LogSoftmax {
  private let highest: Float
  /// ln Σ exp(x − highest).
  private let logSum: Float
  /// The most probable tokens, the most probable first, with their logits.
  private let top: [(token: Int32, logit: Float)]

  /// - Parameters:
  ///   - highest: of the row; the workspace holds the maxima of its blocks.
  ///   - count: how many of the most probable tokens to name.
  init(
    of row: UnsafeBufferPointer<Float>, highest: Float, naming count: Int, _ kernels: SamplingKernels,
    _ workspace: SamplerWorkspace
  ) {
    self.highest = highest
    let count = min(count, row.count)
    let scale = RowWeights.scale(temperature: 1)
    let floor =
      count == 0
      ? Float.infinity
      : RowWeights.floor(rank: count, row, highest: highest, scale: scale, workspace) ?? RowWeights.least
    let weights = RowWeights(row, highest: highest, scale: scale, floor: floor, kernels, workspace)
    logSum = Float(log(weights.total))
    var found = weights.candidates
    // What has no probability is named only where there is nothing else.
    if found < count { found = workspace.takeAll(row) }
    let last = count == 0 ? 0 : workspace.leading(Double(count), of: found) { _ in 1 }
    let kept = workspace.keep(upTo: last, of: found)
    let order = (0..<kept).sorted { workspace.key($0) < workspace.key($1) }
    top = order.map { (workspace.ids[$0], workspace.logits[$0]) }
  }

  /// - Parameter logit: of the token, as the row had it.
  func logprob(of token: Int32, logit: Float) -> TokenLogprob {
    TokenLogprob(
      token: token, logprob: logit - highest - logSum, top: top.map { ($0.token, $0.logit - highest - logSum) })
  }
}
