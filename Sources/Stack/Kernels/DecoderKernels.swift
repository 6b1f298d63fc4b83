package import CKernels

/// 32 inputs of a token as bytes with a scale; see `CDecoder.h`.
package typealias InputBlock = ck_input_block

/// A product of tokens with a range of a packed matrix's tiles; see `CDecoder.h`.
package typealias LinearProduct = ck_linear

/// What becomes of a product's outputs.
package typealias LinearOutput = ck_linear_output

/// One implementation of the linear layers of a decoder, as bare C function pointers. What each computes, and in which
/// layout, is said in `CDecoder.h`; strides are in bytes.
///
/// Threads multiply ranges of tiles of their own, without knowing of each other:
/// ```swift
/// let layer = LinearLayer(matrix)
/// var product = layer.product(
///   tiles: layer.tiles(of: thread, threads: 2), tokens: count, input: blocks, inputStride: stride, output: rows,
///   outputStride: rowBytes, next: nil)
/// kernels.multiply(&product, .store)
/// ```
package struct DecoderKernels: Sendable {
  package typealias Multiply = @convention(c) (UnsafePointer<ck_linear>, ck_linear_output) -> Void
  /// (row, columns, blocks).
  package typealias QuantizeRow =
    @convention(c) (UnsafePointer<Float>, Int, UnsafeMutablePointer<ck_input_block>) -> Void

  /// The best implementation this CPU can run, or the best of those whose name begins with `RAGMETER_KERNELS`.
  package static let active = DecoderKernels(ck_decoder_kernels_active().pointee)

  /// Names of the implementations that this CPU can run, best first.
  package static let available: [String] = ["avx512", "avx2vnni", "avx2", "neon", "scalar"].filter {
    ck_decoder_kernels_named($0) != nil
  }

  /// The implementation of that name; nil if it is unknown or this CPU cannot run it.
  package static func named(_ name: String) -> DecoderKernels? {
    ck_decoder_kernels_named(name).map { DecoderKernels($0.pointee) }
  }

  package let name: String
  package let multiply: Multiply
  package let quantizeRow: QuantizeRow

  init(_ table: ck_decoder_kernels) {
    name = String(cString: table.name)
    multiply = table.multiply
    quantizeRow = table.quantize_row
  }
}

extension ck_input_block {
  /// Inputs that share a scale.
  package static let inputs = Int(CK_BLOCK_INPUTS)

  /// Bytes of a token's inputs; columns that quantised weights read are a multiple of 32.
  package static func rowBytes(columns: Int) -> Int { columns / inputs * MemoryLayout<ck_input_block>.stride }
}

extension ck_linear_output {
  /// Float rows.
  package static let store = CK_STORE
  /// Adds to float rows: the residual stream.
  package static let add = CK_ADD
  /// Of a pair: silu(gate) · up as float rows.
  package static let swiGLUFloats = CK_SWIGLU_FLOATS
  /// Of a pair: the same as rows of `InputBlock`, which the down projection reads. `rows` is a multiple of 32.
  package static let swiGLUBlocks = CK_SWIGLU_BLOCKS
}
