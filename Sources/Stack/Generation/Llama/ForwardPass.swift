internal import Kernels

/// One pass of a batch of rows through the layers, as every thread of a team runs it: plain values and pointers, so that no
/// reference is counted on the way. What it points to outlives the pass.
///
/// Threads meet at barriers between phases. Products are cut by tiles of their outputs; rows by rows; attention by jobs.
struct ForwardPass {
  /// Steps of so few rows are normalised by every thread for itself, which takes less time than to meet.
  static let ownRows = 4
  /// Pieces that a thread's share of a product is taken in. A thread that has done its own helps one whose core is wanted
  /// elsewhere.
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
    /// The first row of each thread's share in storing, and the end of the last.
    let stores: UnsafePointer<Int>
  }

  /// Runs all layers over `activations.hidden`; the threads have met thereafter.
  func run(thread: Int) {
    for index in 0..<layers.count {
      let layer = layers[index]
      let following = index + 1 < layers.count ? layers[index + 1].projections : nil
      if index + 1 < layers.count { layers[index + 1].prefetch() }
      let input = normalized(layer.attentionNorm, for: layer.projections, thread)
      multiply(
        layer.projections, input, activations.projected, activations.projectedSize * 4, .store, thread,
        next: layer.attentionOutput)
      meeting.wait()
      store(layer: index, thread)
      meeting.wait()
      attend(layer: index, thread)
      let attended = attended(for: layer.attentionOutput, thread)
      multiply(
        layer.attentionOutput, attended, activations.hidden, shape.hiddenSize * 4, .add, thread,
        next: layer.gateAndUp)
      meeting.wait()
      let feed = normalized(layer.feedForwardNorm, for: layer.gateAndUp, thread)
      multiply(
        layer.gateAndUp, feed, activations.gated, activations.gatedBytes,
        layer.down.readsFloats ? .swiGLUFloats : .swiGLUBlocks, thread, next: layer.down)
      meeting.wait()
      let gated = (UnsafeRawPointer(activations.gated), activations.gatedBytes)
      multiply(layer.down, gated, activations.hidden, shape.hiddenSize * 4, .add, thread, next: following)
      meeting.wait()
    }
  }

  typealias Input = (rows: UnsafeRawPointer, stride: Int)

  /// The product of all rows with this thread's share of the tiles.
  private func multiply(
    _ layer: LinearLayer, _ input: Input, _ output: UnsafeMutableRawPointer, _ outputStride: Int,
    _ kind: LinearOutput, _ thread: Int, next: LinearLayer?
  ) {
    let own = layer.tiles(of: thread, threads: threads)
    let grain = max(1, own.count / Self.pieces)
    while let tiles = meeting.takeShare(of: layer.tiles, thread: thread, grain: grain) {
      let following = tiles.upperBound < own.upperBound ? layer : next
      var product = layer.product(
        tiles: tiles, tokens: rows, input: input.rows, inputStride: input.stride, output: output,
        outputStride: outputStride,
        next: following.map { following in
          let tile = tiles.upperBound < own.upperBound ? tiles.upperBound : following.tiles * thread / threads
          return following.address(ofTile: tile)
        })
      linear.multiply(&product, kind)
    }
  }

  /// The rows of the residual stream, normalised, as a product reads them.
  private func normalized(_ weight: UnsafePointer<Float>, for layer: LinearLayer, _ thread: Int) -> Input {
    prepare(thread) { row, input in
      let floats = layer.readsFloats ? input.assumingMemoryBound(to: Float.self) : scratch[thread].row
      paged.rmsNorm(activations.hidden + row * shape.hiddenSize, weight, shape.hiddenSize, shape.epsilon, floats)
      if !layer.readsFloats { quantize(floats, shape.hiddenSize, input) }
    }
  }

  /// The results of attention as a product reads them.
  private func attended(for layer: LinearLayer, _ thread: Int) -> Input {
    if layer.readsFloats { return (UnsafeRawPointer(activations.attended), 4 * activations.attendedSize) }
    return prepare(thread) { row, input in
      quantize(activations.attended + row * activations.attendedSize, activations.attendedSize, input)
    }
  }

  private func quantize(_ floats: UnsafePointer<Float>, _ count: Int, _ input: UnsafeMutableRawPointer) {
    linear.quantizeRow(floats, count, input.assumingMemoryBound(to: InputBlock.self))
  }

  /// Makes this thread's share of the rows, and waits for the others; or all of them, if they are few.
  @inline(__always)
  private func prepare(_ thread: Int, _ make: (_ row: Int, _ input: UnsafeMutableRawPointer) -> Void) -> Input {
    let isAlone = rows <= Self.ownRows
    let inputs = isAlone ? scratch[thread].inputs : activations.inputs
    for row in isAlone ? 0..<rows : rows * thread / threads..<rows * (thread + 1) / threads {
      make(row, inputs + row * activations.inputBytes)
    }
    if !isAlone { meeting.wait() }
    return (UnsafeRawPointer(inputs), activations.inputBytes)
  }
}
