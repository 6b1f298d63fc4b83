package import CKernels

/// One implementation of every kernel, as bare C function pointers. What each computes, and in which layout, is said in
/// `CKernels.h`; lengths and strides are in elements unless said otherwise.
package struct KernelTable: Sendable {
  /// (a, b, d) → distance or similarity of two float32 vectors.
  package typealias FloatPair = @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Float
  /// (a, b, d) → exact squared distance or inner product of two byte vectors, d ≤ 32 768.
  package typealias Int8Pair = @convention(c) (UnsafePointer<Int8>, UnsafePointer<Int8>, Int) -> Int32
  package typealias UInt8Pair = @convention(c) (UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int) -> Int32
  package typealias Int8Cosine = @convention(c) (UnsafePointer<Int8>, UnsafePointer<Int8>, Int) -> Float
  package typealias UInt8Cosine = @convention(c) (UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int) -> Float
  /// (query, base, stride, d, ids, n, out): out[i] for the row at base + ids[i]·stride.
  package typealias FloatGather =
    @convention(c) (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, UnsafePointer<Int32>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// The same for rows of float16, given as bit patterns.
  package typealias HalfGather =
    @convention(c) (
      UnsafePointer<Float>, UnsafePointer<UInt16>, Int, Int, UnsafePointer<Int32>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// (query, rows, ids, n, out): out[i] = bias + scale·weight·(codes·row − offset) of row ids[i].
  package typealias CodeScores =
    @convention(c) (
      UnsafePointer<ck_code_query>, UnsafePointer<ck_code_rows>, UnsafePointer<Int32>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// (query, rows, stride, d, n, out).
  package typealias Rows =
    @convention(c) (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  /// (queries, nq, query stride, panels, np, d or padded d, out, out stride): out[i·ldo + 32·p + r].
  package typealias FloatPanels =
    @convention(c) (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, Int
    ) -> Void
  package typealias CodePanels =
    @convention(c) (
      UnsafePointer<Int8>, Int, Int, UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<Int32>, Int
    ) -> Void
  /// (look-up tables, m, blocks, number of blocks, out).
  package typealias LookupScan =
    @convention(c) (
      UnsafePointer<UInt8>, Int, UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt16>
    ) -> Void
  /// (keys, capacity, scores, ids, n) → the lowest place at which a key was inserted, or capacity.
  package typealias PoolInsert =
    @convention(c) (
      UnsafeMutablePointer<UInt64>, Int, UnsafePointer<Float>, UnsafePointer<Int32>, Int
    ) -> Int
  /// (scores, n, bound, base, ids out, scores out) → how many are below the bound.
  package typealias SelectBelow =
    @convention(c) (
      UnsafePointer<Float>, Int, Float, Int32, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>
    ) -> Int

  /// (floats, n, bit patterns of float16 out).
  package typealias HalfRounding = @convention(c) (UnsafePointer<Float>, Int, UnsafeMutablePointer<UInt16>) -> Void

  package let name: String

  package let l2: FloatPair
  package let ip: FloatPair
  package let cosine: FloatPair

  package let l2I8: Int8Pair
  package let ipI8: Int8Pair
  package let l2U8: UInt8Pair
  package let ipU8: UInt8Pair
  package let cosineI8: Int8Cosine
  package let cosineU8: UInt8Cosine

  package let l2Gather: FloatGather
  package let ipGather: FloatGather
  package let l2F16Gather: HalfGather
  package let ipF16Gather: HalfGather
  package let scoreU8Gather: CodeScores
  package let scoreU4Gather: CodeScores

  package let l2Rows: Rows
  package let ipRows: Rows

  package let ipPanels: FloatPanels
  package let dotU8Panels: CodePanels
  package let dotU4Panels: CodePanels

  package let pq4Scan: LookupScan
  package let selectBelow: SelectBelow
  package let poolInsert: PoolInsert
  package let f16FromF32: HalfRounding

  init(_ table: ck_kernels) {
    name = String(cString: table.name)
    l2 = table.l2_f32
    ip = table.ip_f32
    cosine = table.cosine_f32
    l2I8 = table.l2_i8
    ipI8 = table.ip_i8
    l2U8 = table.l2_u8
    ipU8 = table.ip_u8
    cosineI8 = table.cosine_i8
    cosineU8 = table.cosine_u8
    l2Gather = table.l2_f32_gather
    ipGather = table.ip_f32_gather
    l2F16Gather = table.l2_f16_gather
    ipF16Gather = table.ip_f16_gather
    scoreU8Gather = table.score_u8_gather
    scoreU4Gather = table.score_u4_gather
    l2Rows = table.l2_f32_rows
    ipRows = table.ip_f32_rows
    ipPanels = table.ip_f32_panels
    dotU8Panels = table.dot_u8_panels
    dotU4Panels = table.dot_u4_panels
    pq4Scan = table.pq4_scan
    selectBelow = table.select_below
    poolInsert = table.pool_insert
    f16FromF32 = table.f16_from_f32
  }
}
