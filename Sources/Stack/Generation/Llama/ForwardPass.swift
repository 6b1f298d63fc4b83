internal import Kernels

/// One pass of a batch of rows through the layers, as every thread of a team runs it: plain values and pointers, so that no
/// reference is counted on the way. What it points to outlives the pass.
///
/// Threads meet at barriers between phases. Products are cut by tiles of their outputs; rows by rows; attention by jobs.
struct ForwardPass {
  /// Steps of so few rows are normalised by every thread for itself, which takes less time than to meet.
  static let ownRows = 4

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
      let input = normalized(layer.attentionNorm, for: layer.projections, thread)
      multiply(
        layer.projections, input, activations.projected, activations.projectedSize * 4, .store, thread,
        next: layer.attentionOutput)
      meeting.wait()
      store(layer: index, thread)
      meeting.wait()
      attend(layer: index, thread)
      let attended = prepared(activations.attended, activations.attendedSize, for: layer.attentionOutput, thread)
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
    let tiles = layer.tiles(of: thread, threads: threads)
    guard !tiles.isEmpty else { return }
    var product = layer.product(
      tiles: tiles, tokens: rows, input: input.rows, inputStride: input.stride, output: output,
      outputStride: outputStride,
      next: next.map { $0.address(ofTile: $0.tiles(of: thread, threads: threads).lowerBound) })
    linear.multiply(&product, kind)
  }

  /// The rows of the residual stream, normalised, as a product reads them.
  private func normalized(_ weight: UnsafePointer<Float>, for layer: LinearLayer, _ thread: Int) -> Input {
    prepare(for: layer, thread) { row, scratch in
      paged.rmsNorm(activations.hidden + row * shape.hiddenSize, weight, shape.hiddenSize, shape.epsilon, scratch)
      return UnsafePointer(scratch)
    }
  }

  /// Rows of floats as a product reads them.
  private func prepared(
    _ rows: UnsafeMutablePointer<Float>, _ size: Int, for layer: LinearLayer, _ thread: Int
  ) -> Input {
    if layer.readsFloats { return (UnsafeRawPointer(rows), 4 * size) }
    return prepare(for: layer, thread) { row, _ in UnsafePointer(rows + row * size) }
  }

  @inline(__always)
  private func prepare(
    for layer: LinearLayer, _ thread: Int,
    _ make: (_ row: Int, _ scratch: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>
  ) -> Input {
    let own = rows <= Self.ownRows
    let inputs = own ? scratch[thread].inputs : activations.inputs
    for row in own ? 0..<rows : rows * thread / threads..<rows * (thread + 1) / threads {
      let input = inputs + row * activations.inputBytes
      if layer.readsFloats {
        let floats = input.assumingMemoryBound(to: Float.self)
        let made = make(row, floats)
        if made != UnsafePointer(floats) { floats.update(from: made, count: layer.columns) }
      } else {
        linear.quantizeRow(
          make(row, scratch[thread].row), layer.columns, input.assumingMemoryBound(to: InputBlock.self))
      }
    }
    if !own { meeting.wait() }
    return (UnsafeRawPointer(inputs), activations.inputBytes)
  }
}
