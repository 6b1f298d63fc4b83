import Kernels

/// Product quantisation (Jégou, Douze and Schmid, 2011) with 16 centroids a sub-quantiser, 4 bits a code.
///
/// A row is held as the codes of v = x − reference, v ≈ c; its distance is estimated as for `ScalarQuantizer`, the product
/// of query and code being a sum of table entries: constant + bias + step·Σ table[code] + base.
struct ProductQuantizer: Sendable {
  let dimension: Int
  /// l2, or ip; cosine is ip on normalised vectors.
  let metric: DistanceMetric
  /// Sub-quantisers, an even number.
  let m: Int
  /// Dimensions of each; the last ones may reach beyond the vector and see zeros there.
  let width: Int
  /// [m][width][16].
  let books: [Float]
  /// What queries are measured from.
  let mean: [Float]
  private let halfNorms: [Float]

  /// Bytes of 32 rows.
  var panelBytes: Int { m / 2 * Kernels.panelRows }

  /// Bytes of a query's tables.
  var tableBytes: Int { m * ProductCodes.centroids }

  static func width(dimension: Int, m: Int) -> Int { (dimension + m - 1) / m }

  /// - Parameter books: m · width · 16 floats.
  init(dimension: Int, metric: DistanceMetric, m: Int, books: [Float], mean: [Float]) {
    self.dimension = dimension
    self.metric = metric
    self.m = m
    width = Self.width(dimension: dimension, m: m)
    self.books = books
    self.mean = mean
    var norms = [Float](repeating: 0, count: m * ProductCodes.centroids)
    for sub in 0..<m {
      for j in 0..<width {
        for c in 0..<ProductCodes.centroids {
          let value = books[(sub * width + j) * ProductCodes.centroids + c]
          norms[sub * ProductCodes.centroids + c] += value * value / 2
        }
      }
    }
    halfNorms = norms
  }

  /// Floats that `encode` and `tables` need to work with.
  var scratchFloats: Int { m * width + m * ProductCodes.centroids }

  /// The codes of a residual that lies at the start of `scratch`, padded with zeros to m · width floats.
  func codes(ofResidualIn scratch: UnsafeMutablePointer<Float>, into codes: UnsafeMutablePointer<UInt8>) {
    let products = scratch + m * width
    ProductCodes.products(scratch, books: books, m: m, width: width, into: products)
    ProductCodes.nearest(products: products, halfNorms: halfNorms, m: m, into: codes)
  }

  /// Writes one row's codes into its place among panels; returns the row's bias.
  ///
  /// - Parameters:
  ///   - codes: `m` bytes to work with.
  ///   - scratch: `scratchFloats` floats to work with.
  func encode(
    _ x: UnsafePointer<Float>, reference: UnsafePointer<Float>, row: Int, in panels: UnsafeMutablePointer<UInt8>,
    codes: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<Float>
  ) -> Float {
    for j in 0..<dimension { scratch[j] = x[j] - reference[j] }
    for j in dimension..<max(dimension, m * width) { scratch[j] = 0 }
    self.codes(ofResidualIn: scratch, into: codes)
    let panel = panels + row / Kernels.panelRows * panelBytes + row % Kernels.panelRows
    for pair in 0..<m / 2 { panel[pair * Kernels.panelRows] = codes[2 * pair] | codes[2 * pair + 1] << 4 }
    var norm = 0.0
    var meanCode = 0.0
    var referenceCode = 0.0
    var referenceRow = 0.0
    for j in 0..<dimension {
      let code = Double(books[j * ProductCodes.centroids + Int(codes[j / width])])
      norm += Double(scratch[j]) * Double(scratch[j])
      meanCode += Double(mean[j]) * code
      referenceCode += Double(reference[j]) * code
      referenceRow += Double(reference[j]) * Double(scratch[j])
    }
    let bias = metric == .l2 ? norm + 2 * (referenceCode - meanCode) : referenceCode - referenceRow - meanCode
    return Float(max(-1e37, min(1e37, bias)))
  }

  /// Tables of a query, which stand for −2·(q − mean)·c under l2 and −(q − mean)·c under ip.
  ///
  /// - Parameters:
  ///   - tables: `tableBytes` bytes.
  ///   - scratch: `scratchFloats` floats to work with.
  func tables(
    query: UnsafePointer<Float>, into tables: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<Float>
  ) -> (step: Float, base: Float) {
    for j in 0..<dimension { scratch[j] = query[j] - mean[j] }
    for j in dimension..<max(dimension, m * width) { scratch[j] = 0 }
    let products = scratch + m * width
    ProductCodes.products(scratch, books: books, m: m, width: width, into: products)
    return ProductCodes.tables(products: products, factor: metric == .l2 ? -2 : -1, m: m, into: tables)
  }
}
