package import CKernels

/// A matrix product of an encoder; see `CEncoder.h`.
package typealias EncoderProduct = ck_product

/// Softmax attention of one head over one text; see `CEncoder.h`.
package typealias EncoderAttention = ck_attention

/// Layer normalisation of float32 rows; see `CEncoder.h`.
package typealias EncoderLayerNorm = ck_layer_norm

/// How the bytes of an int8 product stand for numbers; see `CEncoder.h`.
package typealias ByteScales = ck_byte_scales

/// Rows to turn into unsigned bytes; see `CEncoder.h`.
package typealias ByteRowsCall = ck_byte_rows

/// The affine of the bytes that a layer normalisation writes; see `CEncoder.h`.
package typealias ByteAffine = ck_byte_affine

/// One implementation of a transformer encoder's kernels, as bare C function pointers. What each computes, and in which
/// layout, is said in `CEncoder.h`; strides are in bytes.
package struct EncoderKernels: Sendable {
  package typealias Product = @convention(c) (UnsafePointer<ck_product>, ck_epilogue) -> Void
  package typealias ByteProduct =
    @convention(c) (UnsafePointer<ck_product>, UnsafePointer<ck_byte_scales>, ck_epilogue) -> Void
  package typealias Attention = @convention(c) (UnsafePointer<ck_attention>) -> Void
  package typealias LayerNorm = @convention(c) (UnsafePointer<ck_layer_norm>) -> Void
  package typealias ByteLayerNorm = @convention(c) (UnsafePointer<ck_layer_norm>, UnsafePointer<ck_byte_affine>) -> Void
  package typealias QuantizeRows = @convention(c) (UnsafePointer<ck_byte_rows>) -> Void
  /// (words, ids, positions, width, tokens, out, out stride).
  package typealias EmbedTokens =
    @convention(c) (
      UnsafePointer<Float>, UnsafePointer<Int32>, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, Int
    ) -> Void
  /// (rows, stride, m, width, out).
  package typealias SumRows =
    @convention(c) (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void

  /// The best implementation this CPU can run, or the best of those whose name begins with `RAGMETER_KERNELS`.
  package static let active = EncoderKernels(ck_encoder_kernels_active().pointee)

  /// Names of the implementations that this CPU can run, best first.
  package static let available: [String] = ["avx512bf16", "avx512", "avx2", "neon", "scalar"].filter {
    ck_encoder_kernels_named($0) != nil
  }

  /// The implementation of that name; nil if it is unknown or this CPU cannot run it.
  package static func named(_ name: String) -> EncoderKernels? {
    ck_encoder_kernels_named(name).map { EncoderKernels($0.pointee) }
  }

  /// Columns of a panel of weights; every width in memory is a multiple of it.
  package static let panelColumns = Int(CK_PANEL_COLUMNS)

  /// The least width in memory that holds `width` columns.
  package static func padded(_ width: Int) -> Int { (width + panelColumns - 1) / panelColumns * panelColumns }

  /// Bytes of scratch for attention over texts of at most `length` tokens; `width` is a head's in memory.
  package static func attentionScratch(length: Int, width: Int) -> Int { ck_attention_scratch(length, width) }

  /// Packs row-major weights of `rows` times `cells` cells of 4 bytes into panels of 32 rows; the last is filled with zeros.
  package static func pack(_ weights: UnsafeRawPointer, rows: Int, cells: Int, into panels: UnsafeMutableRawPointer) {
    ck_pack_panels(
      weights.assumingMemoryBound(to: UInt32.self), rows, cells, panels.assumingMemoryBound(to: UInt32.self))
  }

  /// Rounds to bf16, to nearest with ties to even.
  package static func roundToBF16(_ values: [Float]) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: values.count) { output, count in
      if let base = output.baseAddress { ck_bf16_from_f32(values, values.count, base) }
      count = values.count
    }
  }

  /// Whether it has instructions for products of bytes, and of bf16.
  package var multipliesBytesFast: Bool { name.hasPrefix("avx512") }
  package var multipliesBF16Fast: Bool { name == "avx512bf16" }

  package let name: String
  package let productF32: Product
  package let productBF16: Product
  package let productI8: ByteProduct
  package let attentionF32: Attention
  package let attentionBF16: Attention
  package let layerNormF32: LayerNorm
  package let layerNormBF16: LayerNorm
  package let layerNormI8: ByteLayerNorm
  package let quantizeBF16: QuantizeRows
  package let embedTokens: EmbedTokens
  package let sumRows: SumRows

  init(_ table: ck_encoder_kernels) {
    name = String(cString: table.name)
    productF32 = table.product_f32
    productBF16 = table.product_bf16
    productI8 = table.product_i8
    attentionF32 = table.attention_f32
    attentionBF16 = table.attention_bf16
    layerNormF32 = table.layer_norm_f32
    layerNormBF16 = table.layer_norm_bf16
    layerNormI8 = table.layer_norm_i8
    quantizeBF16 = table.quantize_bf16
    embedTokens = table.embed_tokens
    sumRows = table.sum_rows
  }
}

/// What a product does with its sums before it stores them.
package typealias ProductEpilogue = ck_epilogue

extension ck_epilogue {
  package static let bias = CK_BIAS
  package static let biasGELU = CK_BIAS_GELU
  /// Adds to the float32 output: the residual stream.
  package static let biasAdd = CK_BIAS_ADD
}

extension ck_product {
  /// - Parameters:
  ///   - count: rows.
  ///   - outputs: a multiple of 32.
  ///   - inputs: elements summed, a multiple of 4.
  package init(
    count: Int, outputs: Int, inputs: Int, rows: UnsafeRawPointer, rowStride: Int, panels: UnsafeRawPointer,
    bias: UnsafePointer<Float>, out: UnsafeMutableRawPointer, outStride: Int
  ) {
    self.init(
      m: count, n: outputs, k: inputs, rows: rows, row_stride: rowStride, panels: panels, bias: bias, out: out,
      out_stride: outStride)
  }
}

extension ck_byte_scales {
  package init(
    groups: Int, rowScales: UnsafePointer<Float>, rowZeros: UnsafePointer<Float>, columnScales: UnsafePointer<Float>,
    columnSums: UnsafePointer<Float>
  ) {
    self.init(
      groups: groups, row_scales: rowScales, row_zeros: rowZeros, column_scales: columnScales, column_sums: columnSums)
  }
}

extension ck_byte_rows {
  /// - Parameters:
  ///   - width: a multiple of 32 for each group.
  ///   - scales, zeros: `count × groups`.
  package init(
    count: Int, width: Int, groups: Int, rows: UnsafeRawPointer, rowStride: Int, out: UnsafeMutableRawPointer,
    outStride: Int, scales: UnsafeMutablePointer<Float>, zeros: UnsafeMutablePointer<Float>
  ) {
    self.init(
      m: count, d: width, groups: groups, rows: rows, row_stride: rowStride,
      out: out.assumingMemoryBound(to: UInt8.self), out_stride: outStride, scales: scales, zeros: zeros)
  }
}

extension ck_byte_affine {
  /// - Parameter scales, zeros: one of each a row.
  package init(
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, rowScales: UnsafeMutablePointer<Float>,
    rowZeros: UnsafeMutablePointer<Float>
  ) {
    self.init(weight: weight, bias: bias, scales: rowScales, zeros: rowZeros)
  }
}

extension ck_attention {
  /// - Parameters:
  ///   - stride: from token to token in queries, keys and values.
  ///   - scratch: `EncoderKernels.attentionScratch` bytes on a 64-byte boundary.
  package init(
    length: Int, width: Int, queries: UnsafeRawPointer, keys: UnsafeRawPointer, values: UnsafeRawPointer, stride: Int,
    out: UnsafeMutableRawPointer, outStride: Int, scratch: UnsafeMutableRawPointer
  ) {
    self.init(
      length: length, width: width, q: queries, k: keys, v: values, stride: stride, out: out, out_stride: outStride,
      scratch: scratch)
  }
}

extension ck_layer_norm {
  /// - Parameters:
  ///   - width: columns that count; `weight` and `bias` are padded with zeros.
  ///   - copy: where the rows go once more in the kernel's type; nil for nowhere.
  package init(
    count: Int, width: Int, epsilon: Float, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    rows: UnsafeMutablePointer<Float>, rowStride: Int, copy: UnsafeMutableRawPointer?, copyStride: Int
  ) {
    self.init(
      m: count, d: width, epsilon: epsilon, weight: weight, bias: bias, rows: rows, row_stride: rowStride, out: copy,
      out_stride: copyStride)
  }
}
