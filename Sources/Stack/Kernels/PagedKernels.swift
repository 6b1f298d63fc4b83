package import CKernels

/// Keys and values of one layer and one head in every block; see `CPaged.h`.
package typealias PagedHeads = ck_paged_heads

/// Attention of rows over tokens of one block table; see `CPaged.h`.
package typealias PagedAttention = ck_paged_attention

/// How rows of projections go into queries and cache; see `CPaged.h`.
package typealias PagedStore = ck_paged_store

/// One implementation of what a decoder does between its linear layers, as bare C function pointers. What each computes, and
/// in which layout, is said in `CPaged.h`.
package struct PagedKernels: Sendable {
  /// (states, rows, width).
  package typealias Clear = @convention(c) (UnsafeMutablePointer<Float>, Int, Int) -> Void
  package typealias Attend = @convention(c) (UnsafePointer<ck_paged_attention>) -> Void
  /// (totals, states, rows, width).
  package typealias Merge = @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
  /// (states, rows, width, group, out, out stride in floats).
  package typealias Finish =
    @convention(c) (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>, Int) -> Void
  package typealias Store = @convention(c) (UnsafePointer<ck_paged_store>) -> Void
  /// (row, weight, width, epsilon, out).
  package typealias RMSNorm =
    @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int, Float, UnsafeMutablePointer<Float>) -> Void

  /// The best implementation this CPU can run, or the best of those whose name begins with `RAGMETER_KERNELS`.
  package static let active = PagedKernels(ck_paged_kernels_active().pointee)

  /// Names of the implementations that this CPU can run, best first.
  package static let available: [String] = ["avx512bf16", "avx512", "avx2", "neon", "scalar"].filter {
    ck_paged_kernels_named($0) != nil
  }

  /// The implementation of that name; nil if it is unknown or this CPU cannot run it.
  package static func named(_ name: String) -> PagedKernels? {
    ck_paged_kernels_named(name).map { PagedKernels($0.pointee) }
  }

  /// Tokens whose scores are computed at once; where a call ends within a row's context, it is after a whole number of them.
  package static let span = Int(CK_PAGED_SPAN)

  /// Tokens that share a softmax, before it is merged with those of the others.
  package static let part = Int(CK_PAGED_PART)

  package static let widestHead = Int(CK_PAGED_WIDEST)

  /// Floats of what a softmax has come to in one row.
  package static func stateFloats(width: Int) -> Int { ck_paged_state(width) }

  /// Tokens that lie side by side in a block.
  package static func unit(blockSize: Int) -> Int { min(blockSize, 16) }

  /// Bytes of the keys and values of a unit's tokens, for one head.
  package static func unitBytes(unit: Int, width: Int) -> Int { ck_paged_unit_bytes(unit, width) }

  package let name: String
  package let clear: Clear
  package let attend: Attend
  package let merge: Merge
  package let finish: Finish
  package let store: Store
  package let rmsNorm: RMSNorm

  init(_ table: ck_paged_kernels) {
    name = String(cString: table.name)
    clear = table.clear
    attend = table.attend
    merge = table.merge
    finish = table.finish
    store = table.store
    rmsNorm = table.rms_norm
  }
}

extension PagedKernels {
  /// Runs a call.
  ///
  /// - Parameters:
  ///   - next: the call that this thread makes next.
  ///   - begins: whether the states hold nothing yet.
  ///   - results: where the weighted means of the values go, once all that the rows see has been seen; nil before.
  ///   - stride: floats of a token's results.
  package func run(
    _ call: inout PagedAttention, next: UnsafePointer<PagedAttention>?, begins: Bool,
    results: UnsafeMutablePointer<Float>?, stride: Int
  ) {
    let (rows, width) = (call.rows, call.heads.width)
    call.next = next
    if begins {
      clear(call.states, rows, width)
      if let totals = call.totals { clear(totals, rows, width) }
    }
    attend(&call)
    if let results, let totals = call.totals {
      merge(totals, call.states, rows, width)
      finish(totals, rows, width, call.group, results, stride)
    }
  }
}

extension ck_paged_heads {
  /// - Parameters:
  ///   - units: where the head's first unit lies in block 0.
  ///   - blockBytes: from block to block.
  ///   - blockSize: tokens: 8, or a multiple of 16.
  ///   - width: of a head: a multiple of 16.
  package init(units: UnsafeMutableRawPointer, blockBytes: Int, blockSize: Int, width: Int) {
    self.init(
      units: units.assumingMemoryBound(to: CChar.self), block_bytes: blockBytes, block_size: blockSize, width: width)
  }
}

extension ck_paged_attention {
  /// - Parameters:
  ///   - tokens: of the table; begins at a multiple of `PagedKernels.span`.
  ///   - queries: `rows × width` bf16, scaled by log2(e) / sqrt(width).
  ///   - position: of the first row's token; `group` rows share one.
  ///   - states: `rows` of them.
  ///   - totals: the same; nil where the tokens lie in one part.
  package init(
    heads: PagedHeads, table: UnsafePointer<Int32>, tokens: Range<Int>, queries: UnsafePointer<UInt16>, rows: Int,
    position: Int, group: Int, states: UnsafeMutablePointer<Float>, totals: UnsafeMutablePointer<Float>?
  ) {
    self.init(
      heads: heads, table: table, first: tokens.lowerBound, last: tokens.upperBound, queries: queries, rows: rows,
      position: position, group: group, states: states, totals: totals, next: nil)
  }
}

extension ck_paged_store {
  /// - Parameters:
  ///   - rows: `count × stride` floats: queries, keys and values of all heads.
  ///   - heads: of keys and values, each with `group` query heads of `width` dimensions.
  ///   - halves: whether dimensions i and i + width/2 turn together, not 2i and 2i + 1.
  ///   - scale: of queries.
  ///   - cosines, sines: `count × width / 2`.
  ///   - queries: the first row of head 0; a head has `queryRows` rows.
  ///   - cache: head 0 of the layer in block 0; `headBytes` from head to head.
  ///   - units: bytes from `cache` to the unit in which each row's token lies; `places` are the tokens' places there.
  ///   - unit: tokens of a unit.
  package init(
    rows: UnsafePointer<Float>, stride: Int, count: Int, heads: Int, group: Int, width: Int, halves: Bool, scale: Float,
    cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, queries: UnsafeMutablePointer<UInt16>, queryRows: Int,
    cache: UnsafeMutableRawPointer, headBytes: Int, units: UnsafePointer<Int>, places: UnsafePointer<UInt8>, unit: Int
  ) {
    self.init(
      rows: rows, stride: stride, count: count, heads: heads, group: group, width: width, halves: halves ? 1 : 0,
      scale: scale, cosines: cosines, sines: sines, queries: queries, query_rows: queryRows,
      cache: cache.assumingMemoryBound(to: CChar.self), head_bytes: headBytes, units: units, places: places, unit: unit)
  }
}
