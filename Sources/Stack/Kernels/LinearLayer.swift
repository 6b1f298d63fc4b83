import CKernels

/// A packed matrix as hot loops see it: plain pointers without reference counts, which threads may copy freely. The matrix
/// must outlive it.
package struct LinearLayer: @unchecked Sendable {
  // Sendable: what the pointers lead to is only read.
  private let matrix: UnsafePointer<ck_matrix>
  private let parts: UnsafePointer<ck_matrix_part>
  private let paired: Bool
  private let partCount: Int
  package let tiles: Int
  package let rows: Int
  package let columns: Int
  /// Whether inputs are floats, not `InputBlock`s.
  package let readsFloats: Bool
  /// Bytes of one token's inputs.
  package let inputBytes: Int

  package init(_ matrix: PackedMatrix) {
    self.matrix = UnsafePointer(matrix.matrix)
    parts = matrix.matrix.pointee.parts
    paired = matrix.matrix.pointee.paired == 1
    partCount = matrix.matrix.pointee.part_count
    tiles = matrix.tiles
    rows = matrix.rows
    columns = matrix.columns
    readsFloats = matrix.readsFloats
    inputBytes = matrix.readsFloats ? 4 * matrix.columns : InputBlock.rowBytes(columns: matrix.columns)
  }

  /// The tiles of one of several threads: all of them, in order, in shares that differ by at most one.
  package func tiles(of thread: Int, threads: Int) -> Range<Int> {
    tiles * thread / threads..<tiles * (thread + 1) / threads
  }

  /// Where a tile's weights begin.
  package func address(ofTile tile: Int) -> UnsafeRawPointer {
    var part = paired ? 0 : partCount - 1
    while parts[part].first_tile > tile { part -= 1 }
    return parts[part].tiles + (tile - parts[part].first_tile) * parts[part].tile_stride
  }

  /// Starts to fetch what says where the weights are: it has long left the caches when its turn comes.
  package func prefetch() {
    ck_prefetch(matrix)
    for line in stride(from: 0, to: partCount * MemoryLayout<ck_matrix_part>.stride, by: 64) {
      ck_prefetch(UnsafeRawPointer(parts) + line)
    }
  }

  /// Writes the weights of a row that there is, in a matrix that is not a pair, as floats.
  package func copyRow(_ row: Int, to out: UnsafeMutablePointer<Float>) { ck_matrix_row(matrix, row, out) }

  /// The product of a range of tiles; strides are in bytes.
  package func product(
    tiles: Range<Int>, tokens: Int, input: UnsafeRawPointer, inputStride: Int, output: UnsafeMutableRawPointer,
    outputStride: Int, next: UnsafeRawPointer?
  ) -> LinearProduct {
    LinearProduct(
      matrix: matrix, first_tile: tiles.lowerBound, end_tile: tiles.upperBound, tokens: tokens, in: input,
      in_stride: inputStride, out: output, out_stride: outputStride, next: next)
  }
}
