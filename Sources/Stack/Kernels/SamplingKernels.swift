internal import CKernels

/// One implementation of what choosing a token reads a whole row of logits for, as bare C function pointers; see
/// `CSampling.h`.
package struct SamplingKernels: Sendable {
  /// The best implementation this CPU can run, or the one that `RAGMETER_KERNELS` begins with the name of.
  package static let active = SamplingKernels(ck_sampling_kernels_active().pointee)

  /// Names of the implementations that this CPU can run, best first.
  package static let available: [String] = ["avx512", "avx2", "neon", "scalar"].filter {
    ck_sampling_kernels_named($0) != nil
  }

  /// The implementation of that name; nil if it is unknown or this CPU cannot run it.
  package static func named(_ name: String) -> SamplingKernels? {
    ck_sampling_kernels_named(name).map { SamplingKernels($0.pointee) }
  }

  /// Logits whose weights are added up together, and whose highest is told.
  package static let block = Int(CK_LOGIT_BLOCK)

  /// What may be written behind the last candidate.
  package static let slack = Int(CK_CANDIDATE_SLACK)

  package let name: String
  private let highest:
    @convention(c) (
      UnsafePointer<Float>, Int, UnsafeMutablePointer<Int>, UnsafeMutablePointer<Float>
    ) -> Float
  private let weigh: @convention(c) (UnsafePointer<ck_weighing>) -> Int
  private let weights: @convention(c) (UnsafePointer<Float>, Int, Float, Float, UnsafeMutablePointer<Float>) -> Void

  private init(_ table: ck_sampling_kernels) {
    name = String(cString: table.name)
    highest = table.highest
    weigh = table.weigh
    weights = table.weights
  }

  /// The highest logit and the lowest place where it stands; -infinity and 0 where none is a number above that.
  ///
  /// - Parameter maxima: the highest of each block, the last of which may be short.
  package func highest(
    _ logits: UnsafeBufferPointer<Float>, maxima: UnsafeMutablePointer<Float>
  ) -> (value: Float, place: Int) {
    guard let base = logits.baseAddress else { return (-.infinity, 0) }
    var place = 0
    let value = highest(base, logits.count, &place, maxima)
    return (value, place)
  }

  /// Weights 2^((x − highest)·scale) of the logits, added up in blocks of `block`, and which of them reach a floor.
  ///
  /// - Parameters:
  ///   - floor: of (x − highest)·scale, -126 or more; infinity: no candidates are wanted.
  ///   - sums: one for each block, the last of which may be short.
  ///   - ids, candidates: room for all logits and `slack` more; filled in the order of places.
  /// - Returns: how many candidates there are.
  package func weigh(
    _ logits: UnsafeBufferPointer<Float>, highest: Float, scale: Float, floor: Float,
    sums: UnsafeMutablePointer<Float>, ids: UnsafeMutablePointer<Int32>, candidates: UnsafeMutablePointer<Float>
  ) -> Int {
    guard let base = logits.baseAddress else { return 0 }
    var call = ck_weighing(
      logits: base, n: logits.count, highest: highest, scale: scale, floor: floor, sums: sums, ids: ids,
      candidates: candidates)
    return weigh(&call)
  }

  /// The weights of `count` logits, one by one.
  package func weights(
    _ logits: UnsafePointer<Float>, count: Int, highest: Float, scale: Float, into out: UnsafeMutablePointer<Float>
  ) {
    weights(logits, count, highest, scale, out)
  }
}
