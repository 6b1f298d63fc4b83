internal import Foundation
internal import Kernels

/// Draws a token from a row of logits that is biased and penalised already.
struct TokenDraw {
  let parameters: SamplingParameters
  let row: UnsafeBufferPointer<Float>
  /// Of the row; the workspace holds the maxima of its blocks.
  let highest: Float
  let kernels: SamplingKernels
  let workspace: SamplerWorkspace

  private var scale: Float { RowWeights.scale(temperature: parameters.temperature) }
  private var topK: Int { parameters.topK == 0 ? row.count : parameters.topK }

  /// The token where the distribution function, in the order of ids, passes `uniform`, a number from 0 to below 1.
  func token(at uniform: Double) -> Int32 {
    if topK >= row.count, parameters.topP == 1, parameters.minP == 0 { return any(at: uniform) }
    for floor in floors {
      let weights = RowWeights(row, highest: highest, scale: scale, floor: floor, kernels, workspace)
      if let token = candidate(at: uniform, of: weights, isWhole: floor == floors.last) { return token }
    }
    return any(at: uniform)
  }

  /// What candidates have to reach, to be tried one after the other until they are enough; the last always are.
  private var floors: [Float] {
    if parameters.minP > 0 { return [max(log2(parameters.minP), RowWeights.least)] }
    let ranked =
      topK < row.count ? RowWeights.floor(rank: topK, row, highest: highest, scale: scale, workspace) : nil
    return ranked.map { [$0] } ?? RowWeights.floors
  }

  /// From the whole row: first the block, then the place in it.
  private func any(at uniform: Double) -> Int32 {
    let weights = RowWeights(row, highest: highest, scale: scale, kernels, workspace)
    var rest = uniform * weights.total
    let blocks = (row.count - 1) / SamplingKernels.block + 1
    var block = 0
    // Rounding may leave a little beyond the last block that weighs anything.
    for next in 0..<blocks where workspace.sums[next] > 0 {
      block = next
      guard rest >= Double(workspace.sums[next]) else { break }
      rest -= Double(workspace.sums[next])
    }
    let start = block * SamplingKernels.block
    let count = min(SamplingKernels.block, row.count - start)
    guard let base = row.baseAddress else { return 0 }
    kernels.weights(base + start, count: count, highest: highest, scale: scale, into: workspace.weights)
    return Int32(start + place(at: rest, of: count))
  }

  /// From the candidates that are left; nil if there are too few of them to tell.
  ///
  /// - Parameter isWhole: whether all tokens that may come are among the candidates.
  private func candidate(at uniform: Double, of weights: RowWeights, isWhole: Bool) -> Int32? {
    var count = weights.candidates
    if topK < row.count {
      guard count >= topK || isWhole else { return nil }
      if count > topK { count = workspace.keep(upTo: workspace.leading(Double(topK), of: count) { _ in 1 }, of: count) }
    }
    kernels.weights(
      workspace.logits, count: count, highest: highest, scale: weights.scale, into: workspace.weights)
    var mass = workspace.mass(of: count)
    if parameters.topP < 1 {
      let isRenormalized = topK < row.count || parameters.minP > 0
      let wanted = Double(parameters.topP) * (isRenormalized ? mass : weights.total)
      guard mass >= wanted || isWhole else { return nil }
      count = workspace.keep(upTo: workspace.leading(wanted, of: count) { workspace.weights[$0] }, of: count)
      mass = workspace.mass(of: count)
    }
    return workspace.ids[place(at: uniform * mass, of: count)]
  }

  /// Where the sum of the first weights passes `mass`.
  private func place(at mass: Double, of count: Int) -> Int {
    var rest = mass
    var place = 0
    for next in 0..<count where workspace.weights[next] > 0 {
      place = next
      rest -= Double(workspace.weights[next])
      if rest < 0 { break }
    }
    return place
  }
}
