package import CKernels

/// The SIMD kernels, chosen once for the CPU at hand.
///
/// A hot loop hoists the function it needs into a local, once, and calls that: a plain indirect call, without ARC,
/// allocation or the check of a lazy global.
/// ```swift
/// let score = Kernels.active.scoreU4Gather
/// var query = CodeQuery(codes: q8, offset: offset, weight: weight)
/// var rows = CodeRows(codes: codes, stride: 192, paddedDimension: 384, meta: meta, metaStride: 8)
/// while … { score(&query, &rows, ids, count, distances) }
/// ```
/// Pointers must be valid even when a count is zero; layouts are described in `CKernels.h` and built by `CodeLayout` and
/// `Panels`.
package enum Kernels {
  /// The best implementation this CPU can run, or the one that the environment variable `RAGMETER_KERNELS` names.
  package static let active = KernelTable(ck_kernels_active().pointee)

  /// "avx512", "avx2", "neon" or "scalar".
  package static var activeName: String { active.name }

  /// Names of the implementations that this CPU can run, best first.
  package static let available: [String] = ["avx512", "avx2", "neon", "scalar"].filter { ck_kernels_named($0) != nil }

  /// The implementation of that name; nil if it is unknown or this CPU cannot run it.
  package static func named(_ name: String) -> KernelTable? {
    ck_kernels_named(name).map { KernelTable($0.pointee) }
  }

  /// Rows in a panel.
  package static let panelRows = Int(CK_PANEL_ROWS)
}

/// A query for `scoreU8Gather` and `scoreU4Gather`; see `CKernels.h`.
package typealias CodeQuery = ck_code_query

/// Row-major codes for `scoreU8Gather` and `scoreU4Gather`; see `CKernels.h`.
package typealias CodeRows = ck_code_rows

extension ck_code_query {
  /// - Parameters:
  ///   - codes: quantised query, padded with zero to the code layout's padded dimension.
  ///   - offset: the code's zero (128 for 8 bits, 7 for 4) times the sum of `codes`.
  ///   - weight: multiplies each row's scale: −2·sq for squared L2, −sq for the inner product.
  package init(codes: UnsafePointer<Int8>, offset: Int32, weight: Float) {
    self.init(q8: codes, offset: offset, weight: weight)
  }
}

extension ck_code_rows {
  /// - Parameters:
  ///   - codes: row-major codes, rows `stride` bytes apart.
  ///   - paddedDimension: a multiple of 64, or of 128 for 4 bits.
  ///   - meta: two floats a row, scale and bias, `metaStride` bytes apart; may lie within the rows of codes.
  package init(
    codes: UnsafePointer<UInt8>, stride: Int, paddedDimension: Int, meta: UnsafePointer<UInt8>, metaStride: Int
  ) {
    self.init(codes: codes, code_stride: stride, padded: paddedDimension, meta: meta, meta_stride: metaStride)
  }
}
