internal import Kernels

/// The activations of one block, for one thread at a time.
final class EncoderWorkspace {
  /// Rows and longest text that it has room for.
  let rows: Int
  let longest: Int
  /// The residual stream, float32.
  let hidden: Rows
  /// The same in the type that products read; nil where that is float32.
  let rounded: Rows?
  /// Queries, keys and values of one head.
  let head: Rows
  /// What all heads attended to.
  let context: Rows
  /// `intermediateRows` rows between the two products of the feed-forward part.
  let intermediate: Rows
  let intermediateRows: Int
  let scratch: UnsafeMutableRawPointer
  private let memory: AlignedMemory

  init(_ shape: EncoderShape, elementBytes: Int, rows: Int, longest: Int) {
    self.rows = rows
    self.longest = longest
    intermediateRows = max(1, min(rows, Self.intermediateBytes / (shape.paddedIntermediate * elementBytes)))
    let hiddenStride = EncoderShape.stride(shape.paddedHidden, elementBytes: 4)
    let roundedStride = EncoderShape.stride(shape.paddedHidden, elementBytes: elementBytes)
    let headStride = EncoderShape.stride(3 * shape.paddedHeadWidth, elementBytes: elementBytes)
    let contextStride = EncoderShape.stride(shape.paddedHeads, elementBytes: elementBytes)
    let intermediateStride = EncoderShape.stride(shape.paddedIntermediate, elementBytes: elementBytes)
    let sizes = [
      rows * hiddenStride, elementBytes == 4 ? 0 : rows * roundedStride, rows * headStride, rows * contextStride,
      intermediateRows * intermediateStride,
      EncoderKernels.attentionScratch(length: longest, width: shape.paddedHeadWidth),
    ]
    memory = AlignedMemory(bytes: sizes.reduce(0, +))
    var places: [UnsafeMutableRawPointer] = [memory.pointer]
    for size in sizes { places.append(places[places.count - 1] + size) }
    hidden = Rows(base: places[0], stride: hiddenStride)
    rounded = elementBytes == 4 ? nil : Rows(base: places[1], stride: roundedStride)
    head = Rows(base: places[2], stride: headStride)
    context = Rows(base: places[3], stride: contextStride)
    intermediate = Rows(base: places[4], stride: intermediateStride)
    scratch = places[5]
  }

  /// Half of a second-level cache.
  private static let intermediateBytes = 512 << 10
}
