internal import Kernels
internal import ModelFiles

/// The rows between the layers of one pass, for at most `capacity` tokens. Strides are in floats or bytes as their names say.
final class PassRows {
  let capacity: Int
  let hiddenSize: Int
  /// Floats of a row of queries, keys and values, and of a row of attention's results.
  let projectedSize: Int
  let attendedSize: Int
  /// Bytes of a row of inputs to a product: the largest of all layers.
  let inputBytes: Int
  /// Bytes of a row of gated inputs to the down projection.
  let gatedBytes: Int

  private var memory: [AlignedMemory] = []
  let hidden: UnsafeMutablePointer<Float>
  let projected: UnsafeMutablePointer<Float>
  /// bf16: `[key-value head][row × group][width]`.
  let queries: UnsafeMutablePointer<UInt16>
  let attended: UnsafeMutablePointer<Float>
  let inputs: UnsafeMutableRawPointer
  let gated: UnsafeMutableRawPointer
  let cosines: UnsafeMutablePointer<Float>
  let sines: UnsafeMutablePointer<Float>
  /// Bytes from a layer's first head in block 0 to the unit in which a row's token lies, and its place there.
  let units: UnsafeMutablePointer<Int>
  let places: UnsafeMutablePointer<UInt8>
  let positions: UnsafeMutablePointer<Int32>
  let tokens: UnsafeMutablePointer<Int32>

  /// One thread's own.
  struct Scratch {
    /// A normalised row.
    let row: UnsafeMutablePointer<Float>
    /// Inputs of the few rows of a step so small that every thread makes them for itself.
    let inputs: UnsafeMutableRawPointer
    let states: UnsafeMutablePointer<Float>
    let totals: UnsafeMutablePointer<Float>
  }
  let scratch: [Scratch]

  init(_ configuration: LlamaConfiguration, _ weights: PackedLlama, capacity: Int, threads: Int, ownRows: Int) {
    let width = configuration.headDimension
    let group = configuration.heads / configuration.keyValueHeads
    self.capacity = capacity
    hiddenSize = configuration.hiddenSize
    projectedSize = (configuration.heads + 2 * configuration.keyValueHeads) * width
    attendedSize = configuration.heads * width
    let layers = weights.layers.flatMap { [$0.projections, $0.attentionOutput, $0.gateAndUp] } + [weights.output]
    inputBytes = layers.map(\.inputBytes).max() ?? 0
    gatedBytes = weights.layers.map(\.down.inputBytes).max() ?? 0
    var memory: [AlignedMemory] = []
    func room(_ bytes: Int) -> UnsafeMutableRawPointer {
      memory.append(AlignedMemory(bytes: bytes))
      return memory[memory.count - 1].pointer
    }
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> { room(4 * count).assumingMemoryBound(to: Float.self) }
    hidden = floats(capacity * hiddenSize)
    projected = floats(capacity * projectedSize)
    queries = room(2 * capacity * attendedSize).assumingMemoryBound(to: UInt16.self)
    attended = floats(capacity * attendedSize)
    inputs = room(capacity * inputBytes)
    gated = room(capacity * gatedBytes)
    cosines = floats(capacity * width / 2)
    sines = floats(capacity * width / 2)
    units = room(8 * capacity).assumingMemoryBound(to: Int.self)
    places = room(capacity).assumingMemoryBound(to: UInt8.self)
    positions = room(4 * capacity).assumingMemoryBound(to: Int32.self)
    tokens = room(4 * capacity).assumingMemoryBound(to: Int32.self)
    let largestRow = max(configuration.hiddenSize, configuration.heads * width)
    let inputRow = inputBytes
    let stateRows = max(AttentionPlan.jobRows, group)
    let states = stateRows * PagedKernels.stateFloats(width: width)
    scratch = (0..<threads).map { _ in
      Scratch(
        row: floats(largestRow), inputs: room(ownRows * inputRow), states: floats(states),
        totals: floats(states))
    }
    self.memory = memory
  }
}
