import CKernels

/// A packed matrix as hot loops see it: plain pointers without reference counts, which threads may copy freely. The matrix
/// must outlive it.
package struct LinearLayer: @unchecked Sendable {
  // Sendable: what the pointers lead to is only read.
  private let matrix: UnsafePointer<ck_matrix>
  package let tiles: Int
  package let rows: Int
  package let columns: Int
  /// Whether inputs are floats, not `InputBlock`s.
  package let readsFloats: Bool
  /// Bytes of one token's inputs.
  package let inputBytes: Int

  package init(_ matrix: PackedMatrix) {
    self.matrix = UnsafePointer(matrix.matrix)
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
    let matrix = matrix.pointee
    var part = matrix.part_count - 1
    while matrix.paired == 1 ? part > 0 : matrix.parts[part].first_tile > tile { part -= 1 }
    return matrix.parts[part].tiles + (tile - matrix.parts[part].first_tile) * matrix.parts[part].tile_stride
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
