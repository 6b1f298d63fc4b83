import CKernels

/// The arithmetic of product quantisation with 16 centroids a sub-quantiser; see `CProductQuantizer.h`.
package enum ProductCodes {
  package static let centroids = 16

  /// The dot products of `x` with every centroid, `m` × 16.
  package static func products(
    _ x: UnsafePointer<Float>, books: UnsafePointer<Float>, m: Int, width: Int, into out: UnsafeMutablePointer<Float>
  ) {
    ck_pq_products(x, books, m, width, out)
  }

  /// The nearest centroid of each sub-quantiser.
  package static func nearest(
    products: UnsafePointer<Float>, halfNorms: UnsafePointer<Float>, m: Int, into codes: UnsafeMutablePointer<UInt8>
  ) {
    ck_pq_nearest(products, halfNorms, m, codes)
  }

  /// Tables of bytes for `pq4Scan`: a sum of entries times `step`, plus `base`, is a sum of factor · products.
  package static func tables(
    products: UnsafePointer<Float>, factor: Float, m: Int, into tables: UnsafeMutablePointer<UInt8>
  ) -> (step: Float, base: Float) {
    var base: Float = 0
    // Sums saturate at 65 535.
    let step = ck_pq_tables(products, factor, m, 65_535, tables, &base)
    return (step, base)
  }

  /// 16-bit sums as the 32-bit ones that `PanelScan` takes.
  package static func widen(_ sums: UnsafePointer<UInt16>, count: Int, into raw: UnsafeMutablePointer<Int32>) {
    ck_pq_widen(sums, count, raw)
  }
}
