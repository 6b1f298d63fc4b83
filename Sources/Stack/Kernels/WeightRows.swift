import CKernels

/// How a file holds weights: the types of ggml, by the names that llama.cpp gives them.
///
/// Layout: https://github.com/ggml-org/ggml, `ggml-common.h`.
package enum WeightFormat: String, Sendable, CaseIterable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q40 = "Q4_0"
  case q41 = "Q4_1"
  case q50 = "Q5_0"
  case q51 = "Q5_1"
  case q80 = "Q8_0"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// Values of one block; a row is a whole number of blocks.
  package var blockValues: Int { ck_ggml_block_values(type) }
  package var blockBytes: Int { ck_ggml_block_bytes(type) }

  /// Whether a product reads its inputs as floats, not as `InputBlock`.
  package var isFloatingPoint: Bool { self == .f32 || self == .f16 || self == .bf16 }

  var type: ck_ggml_type {
    switch self {
    case .f32: CK_GGML_F32
    case .f16: CK_GGML_F16
    case .bf16: CK_GGML_BF16
    case .q40: CK_GGML_Q4_0
    case .q41: CK_GGML_Q4_1
    case .q50: CK_GGML_Q5_0
    case .q51: CK_GGML_Q5_1
    case .q80: CK_GGML_Q8_0
    case .q4K: CK_GGML_Q4_K
    case .q5K: CK_GGML_Q5_K
    case .q6K: CK_GGML_Q6_K
    }
  }
}

/// Rows of weights as a file holds them, to be packed.
package struct WeightRows {
  package var rows: Int
  package var columns: Int
  package var format: WeightFormat
  /// Rows one behind the other.
  package var bytes: UnsafeRawBufferPointer
  /// Row i of what is packed is row `order[i]` of the bytes; nil leaves them as they are.
  package var order: [Int]?
  /// One for each row, in the packed order.
  package var bias: [Float]?

  package init(
    rows: Int, columns: Int, format: WeightFormat, bytes: UnsafeRawBufferPointer, order: [Int]? = nil,
    bias: [Float]? = nil
  ) {
    self.rows = rows
    self.columns = columns
    self.format = format
    self.bytes = bytes
    self.order = order
    self.bias = bias
  }

  func check() throws(PackingError) {
    guard rows > 0, columns > 0, rows <= Int(Int32.max), columns <= Int(Int32.max) else {
      throw PackingError("a matrix of \(rows) rows and \(columns) columns cannot be packed")
    }
    guard columns % format.blockValues == 0 else {
      throw PackingError(
        "\(columns) columns are no whole number of \(format.rawValue) blocks of \(format.blockValues)")
    }
    let rowBytes = columns / format.blockValues * format.blockBytes
    guard bytes.count / rows == rowBytes, bytes.count % rows == 0 else {
      throw PackingError(
        "\(rows) rows of \(columns) weights of \(format.rawValue) take \(rowBytes) bytes each, not \(bytes.count) in all"
      )
    }
    if let order, order.count != rows || !order.allSatisfy({ 0..<rows ~= $0 }) {
      throw PackingError("an order of \(order.count) rows does not fit a matrix of \(rows)")
    }
    if let bias, bias.count != rows { throw PackingError("\(bias.count) biases do not fit \(rows) rows") }
  }
}

/// Why weights cannot be packed.
package struct PackingError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
