import Kernels

/// How rows of a `RowStore` are coded for scanning.
enum RowCodec: Sendable {
  case none
  case scalar(ScalarQuantizer)

  /// Bytes of a panel of 32 rows.
  var panelBytes: Int {
    switch self {
    case .none: 0
    case .scalar(let quantizer): quantizer.panelBytes
    }
  }

  /// Bytes of an encoded query.
  var queryBytes: Int {
    switch self {
    case .none: 0
    case .scalar(let quantizer): quantizer.paddedDimension
    }
  }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }
}
