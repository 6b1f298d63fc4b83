internal import Foundation
internal import Kernels

/// Weights 2^((x − highest)·scale) of a row of logits, added up, and the candidates among them.
struct RowWeights {
  let highest: Float
  let scale: Float
  let total: Double
  /// How many candidates the workspace holds.
  let candidates: Int

  /// - Parameter floor: of (x − highest)·scale; infinity: no candidates are wanted.
  init(
    _ row: UnsafeBufferPointer<Float>, highest: Float, scale: Float, floor: Float = .infinity,
    _ kernels: SamplingKernels, _ workspace: SamplerWorkspace
  ) {
    self.highest = highest
    self.scale = scale
    candidates = kernels.weigh(
      row, highest: highest, scale: scale, floor: floor, sums: workspace.sums, ids: workspace.ids,
      candidates: workspace.logits)
    var total = 0.0
    for block in 0..<Self.blocks(of: row) { total += Double(workspace.sums[block]) }
    self.total = total
  }

  static func blocks(of row: UnsafeBufferPointer<Float>) -> Int { (row.count - 1) / SamplingKernels.block + 1 }

  /// Makes weights probabilities, but for their sum.
  static func scale(temperature: Float) -> Float { Float(M_LOG2E) / temperature }

  /// What candidates have to reach, tried one after the other: e⁻⁸ of the highest weight is enough for nearly every row.
  static let floors: [Float] = [scale(temperature: 1) * -8, scale(temperature: 1) * -20, least]

  /// Below it nothing weighs anything.
  static let least: Float = -126

  /// A floor that so many candidates reach at least, unless it is `least`: so many blocks have a logit above it; nil where
  /// there are not so many blocks.
  static func floor(
    rank: Int, _ row: UnsafeBufferPointer<Float>, highest: Float, scale: Float, _ workspace: SamplerWorkspace
  ) -> Float? {
    let blocks = blocks(of: row)
    guard rank <= blocks else { return nil }
    for block in 0..<blocks {
      workspace.keys[block] = CandidateOrder.key(logit: workspace.maxima[block], id: Int32(block))
      workspace.masses[block] = 1
    }
    let key = CandidateOrder.leading(
      Double(rank), keys: workspace.keys, masses: workspace.masses, count: blocks)
    let logit = workspace.maxima[Int(Int32(truncatingIfNeeded: key))]
    return max((logit - highest) * scale, least)
  }
}
