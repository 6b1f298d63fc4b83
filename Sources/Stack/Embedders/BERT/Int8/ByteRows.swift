internal import Kernels

/// Rows of activations as unsigned bytes, each group of a row's columns with a scale and a zero of its own.
struct ByteRows {
  var rows: Rows
  /// `rows × groups`.
  var scales: UnsafeMutablePointer<Float>
  var zeros: UnsafeMutablePointer<Float>
  let groups: Int

  func from(_ row: Int) -> ByteRows {
    ByteRows(rows: rows.from(row), scales: scales + row * groups, zeros: zeros + row * groups, groups: groups)
  }

  /// Fills the first `count` rows from bf16.
  func quantize(_ source: Rows, count: Int, width: Int, _ kernels: EncoderKernels) {
    var call = ByteRowsCall(
      count: count, width: width, groups: groups, rows: source.base, rowStride: source.stride, out: rows.base,
      outStride: rows.stride, scales: scales, zeros: zeros)
    kernels.quantizeBF16(&call)
  }
}

/// The bytes that the products of one block read, for one thread at a time.
final class ByteWorkspace {
  /// Hidden states, and after attention what the heads attended to.
  let input: ByteRows
  /// The activations between the two products of the feed-forward part.
  let intermediate: ByteRows
  private let memory: AlignedMemory

  init(_ shape: EncoderShape, rows: Int, intermediateRows: Int) {
    let groups = shape.intermediateGroups
    let inputStride = EncoderShape.stride(max(shape.paddedHidden, shape.paddedHeads), elementBytes: 1)
    let intermediateStride = EncoderShape.stride(shape.paddedIntermediate, elementBytes: 1)
    let sizes = [
      rows * inputStride, intermediateRows * intermediateStride, rows * 4, rows * 4, intermediateRows * groups * 4,
      intermediateRows * groups * 4,
    ].map { ($0 + 63) / 64 * 64 }
    memory = AlignedMemory(bytes: sizes.reduce(0, +))
    var places: [UnsafeMutableRawPointer] = [memory.pointer]
    for size in sizes { places.append(places[places.count - 1] + size) }
    func floats(_ place: Int) -> UnsafeMutablePointer<Float> { places[place].assumingMemoryBound(to: Float.self) }
    input = ByteRows(rows: Rows(base: places[0], stride: inputStride), scales: floats(2), zeros: floats(3), groups: 1)
    intermediate = ByteRows(
      rows: Rows(base: places[1], stride: intermediateStride), scales: floats(4), zeros: floats(5), groups: groups)
  }
}

extension EncoderShape {
  /// Parts of the wide activations with scales of their own: as many of four as leave whole panels.
  var intermediateGroups: Int { [4, 2].first { paddedIntermediate % (32 * $0) == 0 } ?? 1 }
}
