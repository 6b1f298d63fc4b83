package import CKernels

/// What a query brings to `PanelScan`; see `CScan.h`.
package typealias PanelQuery = ck_scan_query

/// Turns raw integer products of a panel scan into scores or lower bounds and picks the rows that may still matter; see
/// `CScan.h`.
package enum PanelScan {
  /// Floats a panel's terms take: scale and bias of 32 rows.
  package static var scoreTerms: Int { 2 * Kernels.panelRows }

  /// The same with error and code norm.
  package static var boundTerms: Int { 4 * Kernels.panelRows }

  /// Appends the keys of rows `rows` whose score is at most `limit`; returns how many. `raw`, `terms` and `base` begin with
  /// row 0 of one panel, and `out` has room for all the rows.
  @inline(__always)
  package static func selectScores(
    _ query: UnsafePointer<PanelQuery>, raw: UnsafePointer<Int32>, terms: UnsafePointer<Float>, rows: Range<Int>,
    limit: Float, base: Int32, into out: UnsafeMutablePointer<UInt64>
  ) -> Int {
    ck_select_scores(query, raw, terms, rows.lowerBound, rows.upperBound, limit, base, out)
  }

  /// The same by lower bounds.
  @inline(__always)
  package static func selectBounds(
    _ query: UnsafePointer<PanelQuery>, raw: UnsafePointer<Int32>, terms: UnsafePointer<Float>, rows: Range<Int>,
    limit: Float, base: Int32, into out: UnsafeMutablePointer<UInt64>
  ) -> Int {
    ck_select_bounds(query, raw, terms, rows.lowerBound, rows.upperBound, limit, base, out)
  }

  /// The score or bound in a key.
  @inline(__always)
  package static func score(ofKey key: UInt64) -> Float {
    let ordered = UInt32(truncatingIfNeeded: key >> 32)
    return Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered ^ 0x8000_0000 : ~ordered)
  }

  /// The key that no row with a higher score is below.
  @inline(__always)
  package static func lastKey(withScore score: Float) -> UInt64 {
    let bits = score.bitPattern
    return UInt64(bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)) << 32 | 0xFFFF_FFFF
  }

  /// The row in a key.
  @inline(__always)
  package static func row(ofKey key: UInt64) -> Int32 { Int32(truncatingIfNeeded: key) }
}

extension ck_scan_query {
  package init(
    offset: Int32, weight: Float, constant: Float, rowErrorWeight: Float = 0, queryErrorWeight: Float = 0
  ) {
    self.init(
      offset: offset, weight: weight, constant: constant, row_error_weight: rowErrorWeight,
      query_error_weight: queryErrorWeight)
  }
}
