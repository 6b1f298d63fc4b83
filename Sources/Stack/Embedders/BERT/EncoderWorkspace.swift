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
  /// What int8 layers need besides; nil in the others.
  let bytes: ByteWorkspace?
  private let elementBytes: Int
  private let memory: AlignedMemory

  init(_ shape: EncoderShape, _ format: ActivationFormat, rows: Int, longest: Int) {
    let elementBytes = format.elementBytes
    self.elementBytes = elementBytes
    self.rows = rows
    self.longest = longest
    intermediateRows = max(1, min(rows, Self.intermediateBytes / (shape.paddedIntermediate * elementBytes)))
    let hiddenStride = EncoderShape.stride(shape.paddedHidden, elementBytes: 4)
    let roundedStride = EncoderShape.stride(shape.paddedHidden, elementBytes: elementBytes)
    let headStride = EncoderShape.stride(3 * shape.paddedHeadWidth, elementBytes: elementBytes)
    let contextStride = EncoderShape.stride(shape.paddedHeads, elementBytes: elementBytes)
    let intermediateStride = EncoderShape.stride(shape.paddedIntermediate, elementBytes: elementBytes)
    let sizes = [
      rows * hiddenStride, format == .bf16 ? rows * roundedStride : 0, rows * headStride, rows * contextStride,
      intermediateRows * intermediateStride,
      EncoderKernels.attentionScratch(length: longest, width: shape.paddedHeadWidth),
    ]
    memory = AlignedMemory(bytes: sizes.reduce(0, +))
    var places: [UnsafeMutableRawPointer] = [memory.pointer]
    for size in sizes { places.append(places[places.count - 1] + size) }
    hidden = Rows(base: places[0], stride: hiddenStride)
    rounded = format == .bf16 ? Rows(base: places[1], stride: roundedStride) : nil
    head = Rows(base: places[2], stride: headStride)
    context = Rows(base: places[3], stride: contextStride)
    intermediate = Rows(base: places[4], stride: intermediateStride)
    scratch = places[5]
    bytes = format == .bytes ? ByteWorkspace(shape, rows: rows, intermediateRows: intermediateRows) : nil
  }

  /// Short stretches of rows, so that the wide activations between two products stay in the second-level cache.
  func stretches(of rows: Int) -> [Range<Int>] {
    let count = (rows - 1) / intermediateRows + 1
    return (0..<count).map { $0 * rows / count..<($0 + 1) * rows / count }
  }

  /// Half of a second-level cache.
  private static let intermediateBytes = 512 << 10
}

extension EncoderWorkspace {
  /// Lets the texts of a block attend with one head, whose queries, keys and values are in `head`, into its part of `context`.
  func attend(_ block: TextBlock, head: Int, _ shape: EncoderShape, _ attention: EncoderKernels.Attention) {
    let width = shape.paddedHeadWidth * elementBytes
    for text in 0..<block.texts.count {
      let queries = self.head.from(block.starts[text])
      let context = context.from(block.starts[text]).advanced(bytes: head * width)
      var call = EncoderAttention(
        length: block.starts[text + 1] - block.starts[text], width: shape.paddedHeadWidth, queries: queries.base,
        keys: queries.base + width, values: queries.base + 2 * width, stride: queries.stride, out: context.base,
        outStride: context.stride, scratch: scratch)
      attention(&call)
    }
  }
}

/// What products read: float32, bf16, or bytes with bf16 between products and attention.
enum ActivationFormat: Sendable {
  case f32, bf16, bytes

  /// Bytes of what products write for the next step.
  var elementBytes: Int { self == .f32 ? 4 : 2 }
}
