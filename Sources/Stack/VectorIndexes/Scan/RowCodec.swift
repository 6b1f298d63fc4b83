import Kernels

/// How rows of a `RowStore` are coded for scanning.
enum RowCodec: Sendable {
  case none
  case scalar(ScalarQuantizer)
  case product(ProductQuantizer)

  /// Bytes of a panel of 32 rows.
  var panelBytes: Int {
    switch self {
    case .none: 0
    case .scalar(let quantizer): quantizer.panelBytes
    case .product(let quantizer): quantizer.panelBytes
    }
  }

  /// Bytes of an encoded query: int8 codes, or look-up tables.
  var queryBytes: Int {
    switch self {
    case .none: 0
    case .scalar(let quantizer): quantizer.paddedDimension
    case .product(let quantizer): quantizer.tableBytes
    }
  }

  /// Bytes of the cells that a row has one of in every 32: four in panels of scalar codes, one in those of product codes.
  var cellBytes: Int {
    if case .product = self { return 1 }
    return 4
  }

  /// Bytes that encoding a row works with.
  func scratchBytes(dimension: Int) -> Int {
    if case .product(let quantizer) = self { return quantizer.scratchFloats * 4 + quantizer.m }
    return dimension
  }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }
}
