import CKernels

/// The weights of one or several linear layers that read the same inputs, repacked into tiles of 32 rows for the kernels of
/// `DecoderKernels`, as many bits each as in their file (see `CDecoder.h`).
///
/// `@unchecked Sendable`: what the pointers lead to is written in `init` and freed in `deinit`, and read in between.
package final class PackedMatrix: @unchecked Sendable {
  private static let tileRows = Int(CK_TILE_ROWS)

  /// Outputs of a product: of all parts, or of one of the two that are paired.
  package let rows: Int
  package let columns: Int
  package let tiles: Int
  /// Whether products read their inputs as floats, not as `InputBlock`.
  package let readsFloats: Bool

  private let memory: WeightMemory
  private let biases: [AlignedMemory?]
  private let parts: UnsafeMutableBufferPointer<ck_matrix_part>
  let matrix: UnsafeMutablePointer<ck_matrix>

  /// Stacks matrices: the outputs of the second follow those of the first, as with query, key and value. Their formats may
  /// differ.
  ///
  /// - Parameter memory: where the tiles go; by default into memory of their own.
  /// - Throws: `PackingError` if a matrix's bytes do not have its shape, the matrices do not read the same inputs, or there is
  ///   no memory.
  package convenience init(
    _ sources: WeightRows..., memory: WeightMemory = WeightMemory(regionBytes: 0)
  ) throws(PackingError) {
    try self.init(sources, paired: false, memory: memory)
  }

  /// Pairs the gate and the up projection of a feed-forward layer, whose product is silu(gate) · up.
  ///
  /// - Throws: as the other, or if their sizes differ.
  package convenience init(
    gate: WeightRows, up: WeightRows, memory: WeightMemory = WeightMemory(regionBytes: 0)
  ) throws(PackingError) {
    guard gate.rows == up.rows else {
      throw PackingError("a gate of \(gate.rows) rows does not fit an up projection of \(up.rows)")
    }
    try self.init([gate, up], paired: true, memory: memory)
  }

  private init(_ sources: [WeightRows], paired: Bool, memory: WeightMemory) throws(PackingError) {
    guard let first = sources.first else { throw PackingError("there is no matrix to pack") }
    for source in sources {
      try source.check()
      guard source.columns == first.columns else {
        throw PackingError("matrices of \(first.columns) and \(source.columns) columns do not read the same inputs")
      }
      guard source.format.isFloatingPoint == first.format.isFloatingPoint else {
        throw PackingError(
          "weights of \(first.format.rawValue) and \(source.format.rawValue) do not read their inputs alike")
      }
    }
    let tileCounts = sources.map { ($0.rows - 1) / Self.tileRows + 1 }
    let tileBytes = sources.map { ck_tile_bytes(ck_cell_format_of($0.format.type), $0.columns) }
    columns = first.columns
    readsFloats = first.format.isFloatingPoint
    rows = paired ? first.rows : sources.reduce(0) { $0 + $1.rows }
    tiles = paired ? tileCounts[0] : tileCounts.reduce(0, +)
    self.memory = memory
    let base = try memory.take(bytes: zip(tileCounts, tileBytes).reduce(0) { $0 + $1.0 * $1.1 })
    biases = sources.map { $0.bias.map { AlignedMemory($0) } }
    parts = .allocate(capacity: sources.count)
    matrix = .allocate(capacity: 1)

    // Tiles of a pair lie side by side, because they are read together.
    let pairStride = tileBytes.reduce(0, +)
    var (row, tile, byte) = (0, 0, 0)
    for (index, source) in sources.enumerated() {
      let stride = paired ? pairStride : tileBytes[index]
      let start = base + byte
      ck_pack_tiles(
        source.format.type, source.bytes.baseAddress!, source.rows, source.columns, source.order?.map { UInt32($0) },
        start, stride)
      parts.initializeElement(
        at: index,
        to: ck_matrix_part(
          format: ck_cell_format_of(source.format.type), rows: source.rows, first_row: row, first_tile: tile,
          tiles: start, tile_stride: stride, bias: biases[index].map { UnsafePointer($0.floats) }))
      byte += paired ? tileBytes[index] : tileCounts[index] * tileBytes[index]
      if !paired {
        row += source.rows
        tile += tileCounts[index]
      }
    }
    matrix.initialize(
      to: ck_matrix(
        columns: columns, tiles: tiles, paired: paired ? 1 : 0, part_count: sources.count,
        parts: UnsafePointer(parts.baseAddress!)))
  }

  deinit {
    matrix.deallocate()
    parts.deallocate()
  }
}
