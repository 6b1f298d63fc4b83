internal import Kernels

/// One pass of a batch of rows through the layers, as every thread of a team runs it: plain values and pointers, so that no
/// reference is counted on the way. What it points to outlives the pass.
///
/// A layer is cut into phases, whose places threads take until none is left: tiles of a product's outputs, rows, jobs of
/// attention. A phase begins when the one before is done.
struct ForwardPass {
  /// Steps of so few rows are normalised by every thread for itself, which takes less time than to wait for each other. A
  /// thread that comes late may do so while the rows change; it then finds nothing left to use them for.
  static let ownRows = 4
  /// Pieces that a thread's share of a phase is taken in.
  static let pieces = 4

  let meeting: ThreadTeam.Meeting
  let threads: Int
  let linear: DecoderKernels
  let paged: PagedKernels

  let layers: UnsafeBufferPointer<PackedLlama.Layer>
  let shape: Shape
  let cache: Cache
  let activations: Rows
  let scratch: UnsafeBufferPointer<PassRows.Scratch>

  let rows: Int
  let attention: Attention

  /// Of a layer, in their order.
  enum Phase: Int, CaseIterable {
    case normedForAttention, projections, stores, shared, own, merges, attended, attentionOutput
    case normedForFeedForward, gateAndUp, down
  }

  static func phases(layers: Int) -> Int { layers * Phase.allCases.count }

  struct Shape {
    let hiddenSize: Int
    let heads: Int
    let group: Int
    let width: Int
    let epsilon: Float
    let halves: Bool
    /// Of queries: log2(e) / sqrt(width).
    let queryScale: Float
  }

  struct Cache {
    let memory: UnsafeMutableRawPointer
    let layout: PagedKVCache.Layout
  }

  /// `PassRows`, without its owner.
  struct Rows {
    let hidden: UnsafeMutablePointer<Float>
    let projected: UnsafeMutablePointer<Float>
    let projectedSize: Int
    let queries: UnsafeMutablePointer<UInt16>
    let queryRows: Int
    let attended: UnsafeMutablePointer<Float>
    let attendedSize: Int
    let inputs: UnsafeMutableRawPointer
    let inputBytes: Int
    let gated: UnsafeMutableRawPointer
    let gatedBytes: Int
    let cosines: UnsafeMutablePointer<Float>
    let sines: UnsafeMutablePointer<Float>
    let units: UnsafeMutablePointer<Int>
    let places: UnsafeMutablePointer<UInt8>

    init(_ activations: PassRows, group: Int) {
      hidden = activations.hidden
      projected = activations.projected
      projectedSize = activations.projectedSize
      queries = activations.queries
      queryRows = activations.capacity * group
      attended = activations.attended
      attendedSize = activations.attendedSize
      inputs = activations.inputs
      inputBytes = activations.inputBytes
      gated = activations.gated
      gatedBytes = activations.gatedBytes
      cosines = activations.cosines
      sines = activations.sines
      units = activations.units
      places = activations.places
    }
  }

  /// What an `AttentionPlan` says, and the states that outlive its jobs.
  struct Attention {
    let shared: UnsafeBufferPointer<AttentionPlan.Job>
    let own: UnsafeBufferPointer<AttentionPlan.Job>
    let merges: UnsafeBufferPointer<AttentionPlan.Merge>
    let tables: UnsafePointer<Int32>
    /// `[2][heads][slots]`: states, then totals.
    let states: UnsafeMutablePointer<Float>
    let slots: Int
    let isCutByParts: Bool
    /// Rows of one part in the slots.
    let partRows: Int
    /// Where the rows are cut that are stored, from 0 to the end of the last.
    let stores: UnsafeBufferPointer<Int>
  }

  /// Runs all layers over `activations.hidden`; phases are numbered from `first` on.
  func run(thread: Int, firstPhase first: Int) {
    for index in 0..<layers.count {
      let layer = layers[index]
      let following = index + 1 < layers.count ? layers[index + 1].projections : nil
      if index + 1 < layers.count { layers[index + 1].prefetch() }
      let turn = Turn(thread: thread, firstPhase: first + index * Phase.allCases.count)
      let input = normalized(layer.attentionNorm, for: layer.projections, turn, .normedForAttention)
      multiply(
        layer.projections, input, activations.projected, activations.projectedSize * 4, .store, turn, .projections,
        next: layer.attentionOutput)
      store(layer: index, turn)
      attend(layer: index, turn)
      multiply(
        layer.attentionOutput, attended(for: layer.attentionOutput, turn), activations.hidden, shape.hiddenSize * 4,
        .add, turn, .attentionOutput, next: layer.gateAndUp)
      let feed = normalized(layer.feedForwardNorm, for: layer.gateAndUp, turn, .normedForFeedForward)
      multiply(
        layer.gateAndUp, feed, activations.gated, activations.gatedBytes,
        layer.down.readsFloats ? .swiGLUFloats : .swiGLUBlocks, turn, .gateAndUp, next: layer.down)
      let gated = (UnsafeRawPointer(activations.gated), activations.gatedBytes)
      multiply(
        layer.down, gated, activations.hidden, shape.hiddenSize * 4, .add, turn, .down, next: following)
    }
  }

  /// A thread in a layer.
  struct Turn {
    let thread: Int
    let firstPhase: Int

    subscript(phase: Phase) -> Int { firstPhase + phase.rawValue }
  }

  typealias Input = (rows: UnsafeRawPointer, stride: Int)

  /// The product of all rows with all tiles.
  private func multiply(
    _ layer: LinearLayer, _ input: Input, _ output: UnsafeMutableRawPointer, _ outputStride: Int,
    _ kind: LinearOutput, _ turn: Turn, _ phase: Phase, next: LinearLayer?
  ) {
    let own = layer.tiles(of: turn.thread, threads: threads)
    meeting.share(turn[phase], of: layer.tiles, thread: turn.thread, grain: max(1, own.count / Self.pieces)) { tiles in
      var following = next.map { $0.address(ofTile: $0.tiles * turn.thread / threads) }
      if tiles.upperBound < own.upperBound { following = layer.address(ofTile: tiles.upperBound) }
      var product = layer.product(
        tiles: tiles, tokens: rows, input: input.rows, inputStride: input.stride, output: output,
        outputStride: outputStride, next: following)
      linear.multiply(&product, kind)
    }
  }

  /// The rows of the residual stream, normalised, as a product reads them.
  private func normalized(_ weight: UnsafePointer<Float>, for layer: LinearLayer, _ turn: Turn, _ phase: Phase) -> Input
  {
    prepare(turn, phase) { row, input in
      let floats = layer.readsFloats ? input.assumingMemoryBound(to: Float.self) : scratch[turn.thread].row
      paged.rmsNorm(activations.hidden + row * shape.hiddenSize, weight, shape.hiddenSize, shape.epsilon, floats)
      if !layer.readsFloats { quantize(floats, shape.hiddenSize, input) }
    }
  }

  /// The results of attention as a product reads them.
  private func attended(for layer: LinearLayer, _ turn: Turn) -> Input {
    if layer.readsFloats { return (UnsafeRawPointer(activations.attended), 4 * activations.attendedSize) }
    return prepare(turn, .attended) { row, input in
      quantize(activations.attended + row * activations.attendedSize, activations.attendedSize, input)
    }
  }

  private func quantize(_ floats: UnsafePointer<Float>, _ count: Int, _ input: UnsafeMutableRawPointer) {
    linear.quantizeRow(floats, count, input.assumingMemoryBound(to: InputBlock.self))
  }

  /// Makes the rows, or, if they are few, a copy of them for this thread alone.
  @inline(__always)
  private func prepare(
    _ turn: Turn, _ phase: Phase, _ make: (_ row: Int, _ input: UnsafeMutableRawPointer) -> Void
  ) -> Input {
    guard rows > Self.ownRows else {
      let inputs = scratch[turn.thread].inputs
      for row in 0..<rows { make(row, inputs + row * activations.inputBytes) }
      return (UnsafeRawPointer(inputs), activations.inputBytes)
    }
    meeting.share(turn[phase], of: rows, thread: turn.thread, grain: grain(of: rows)) { taken in
      for row in taken { make(row, activations.inputs + row * activations.inputBytes) }
    }
    return (UnsafeRawPointer(activations.inputs), activations.inputBytes)
  }

  func grain(of count: Int) -> Int { max(1, count / (Self.pieces * threads)) }
}
