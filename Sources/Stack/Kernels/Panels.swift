/// Panels of 32 interleaved rows, for the scan and tile kernels: see `CKernels.h`. Panels lie one after the other, so that
/// row r is row r % 32 of panel r / 32, and a list can grow row by row in memory that was zeroed once.
package enum Panels {
  /// Panels that hold `rows` rows.
  package static func count(rows: Int) -> Int { (rows + Kernels.panelRows - 1) / Kernels.panelRows }

  /// Elements of the panels that hold `rows` float rows.
  package static func floatCount(rows: Int, dimension: Int) -> Int {
    count(rows: rows) * Kernels.panelRows * dimension
  }

  /// Puts one vector into its place.
  package static func store(
    _ vector: UnsafePointer<Float>, dimension: Int, row: Int, in panels: UnsafeMutablePointer<Float>
  ) {
    let width = Kernels.panelRows
    let place = panels + row / width * width * dimension + row % width
    for j in 0..<dimension { place[j * width] = vector[j] }
  }

  /// Reads one vector back.
  package static func load(
    _ panels: UnsafePointer<Float>, dimension: Int, row: Int, into vector: UnsafeMutablePointer<Float>
  ) {
    let width = Kernels.panelRows
    let place = panels + row / width * width * dimension + row % width
    for j in 0..<dimension { vector[j] = place[j * width] }
  }

  /// Packs `rows` row-major vectors, `stride` elements apart, and zeroes the places left over in the last panel.
  package static func pack(
    _ vectors: UnsafePointer<Float>, rows: Int, stride: Int, dimension: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    let width = Kernels.panelRows
    for panel in 0..<count(rows: rows) {
      let first = vectors + panel * width * stride
      let filled = min(width, rows - panel * width)
      var cell = panels + panel * width * dimension
      for j in 0..<dimension {
        for r in 0..<filled { cell[r] = first[r * stride + j] }
        for r in filled..<width { cell[r] = 0 }
        cell += width
      }
    }
  }
}

extension CodeLayout {
  /// Dimensions a row holds in a panel: a multiple of 4, or of 8 for 4 bits.
  package func panelDimension(_ dimension: Int) -> Int {
    let step = self == .bits8 ? 4 : 8
    return (dimension + step - 1) / step * step
  }

  /// Bytes of the panels that hold `rows` rows.
  package func panelBytes(rows: Int, dimension: Int) -> Int {
    let bytes = Panels.count(rows: rows) * Kernels.panelRows * panelDimension(dimension)
    return self == .bits8 ? bytes : bytes / 2
  }

  /// Puts one row, one byte a dimension, into its place; padding holds the centre.
  package func store(
    _ codes: UnsafePointer<UInt8>, dimension: Int, row: Int, in panels: UnsafeMutablePointer<UInt8>
  ) {
    var cell = panels + panelPlace(row: row, dimension: dimension)
    let step = self == .bits8 ? 4 : 8
    var start = 0
    while start < dimension {
      for e in 0..<4 {
        let low = start + e < dimension ? codes[start + e] : zero
        if self == .bits8 {
          cell[e] = low
        } else {
          let high = start + 4 + e < dimension ? codes[start + 4 + e] : zero
          cell[e] = low & 15 | high << 4
        }
      }
      start += step
      cell += 4 * Kernels.panelRows
    }
  }

  /// Reads one row back.
  package func load(
    _ panels: UnsafePointer<UInt8>, dimension: Int, row: Int, into codes: UnsafeMutablePointer<UInt8>
  ) {
    let place = panels + panelPlace(row: row, dimension: dimension)
    let step = self == .bits8 ? 4 : 8
    for j in 0..<dimension {
      let byte = place[j / step * 4 * Kernels.panelRows + j % 4]
      codes[j] = self == .bits8 ? byte : j % 8 < 4 ? byte & 15 : byte >> 4
    }
  }

  private func panelPlace(row: Int, dimension: Int) -> Int {
    let width = Kernels.panelRows
    return panelBytes(rows: width, dimension: dimension) * (row / width) + row % width * 4
  }
}
