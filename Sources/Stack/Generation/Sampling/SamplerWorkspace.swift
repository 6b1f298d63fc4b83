internal import Kernels

/// Memory that one thread works in while it chooses tokens.
///
/// `@unchecked Sendable`: one thread at a time has it.
final class SamplerWorkspace: @unchecked Sendable {
  /// Blocks of a row: their highest logits, and the sums of their weights.
  let maxima: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Float>
  /// Candidates in the order of their ids: places in the row, logits, weights.
  let ids: UnsafeMutablePointer<Int32>
  let logits: UnsafeMutablePointer<Float>
  let weights: UnsafeMutablePointer<Float>
  /// Scratch of a selection.
  let keys: UnsafeMutablePointer<UInt64>
  let masses: UnsafeMutablePointer<Float>
  /// Logits of the row that were changed, with what they were before.
  var edits: [(token: Int32, logit: Float)] = []

  init(vocabularySize: Int) {
    let room = vocabularySize + SamplingKernels.slack
    maxima = .allocate(capacity: vocabularySize / SamplingKernels.block + 1)
    sums = .allocate(capacity: vocabularySize / SamplingKernels.block + 1)
    ids = .allocate(capacity: room)
    logits = .allocate(capacity: room)
    weights = .allocate(capacity: max(room, SamplingKernels.block))
    keys = .allocate(capacity: room)
    masses = .allocate(capacity: room)
  }

  deinit {
    maxima.deallocate()
    sums.deallocate()
    ids.deallocate()
    logits.deallocate()
    weights.deallocate()
    keys.deallocate()
    masses.deallocate()
  }

  /// Changes a logit of the row, remembering what it was.
  @inline(__always)
  func edit(
    _ row: UnsafeMutableBufferPointer<Float>, _ token: Int32, _ change: (Float) -> Float
  ) {
    let logit = row[Int(token)]
    edits.append((token, logit))
    row[Int(token)] = change(logit)
  }

  /// The row as it was.
  func restore(_ row: UnsafeMutableBufferPointer<Float>) {
    for edit in edits.reversed() { row[Int(edit.token)] = edit.logit }
    edits.removeAll(keepingCapacity: true)
  }
}
