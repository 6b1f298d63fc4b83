/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case string(String)
  case array([GGUFValue])

  public var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// Integers too.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  public var array: [GGUFValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  /// What the value is, for a sentence about what it should have been.
  var kind: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let text): text.count <= 40 ? "\"\(text)\"" : "a text"
    case .array: "a list"
    }
  }
}

/// How a tensor's values are stored: floats, or blocks of quantised values with their scales (ggml.h, `ggml_type`).
public struct GGUFType: Sendable, Equatable {
  /// As llama.cpp writes it: F32, Q4_1, Q6_K, ….
  public let name: String
  /// Values and bytes of one block.
  public let blockValues: Int
  public let blockBytes: Int

  /// The type of a code; `nil` for one that is not known here.
  public init?(code: UInt32) {
    guard let known = Self.known[code] else { return nil }
    (name, blockValues, blockBytes) = known
  }

  private static let known: [UInt32: (String, Int, Int)] = [
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
  ]
}

/// One tensor of a file.
public struct GGUFTensor: Sendable, Equatable {
  public var name: String
  public var type: GGUFType
  /// Innermost dimension first, as the file has it: a matrix of `rows × columns` is `[columns, rows]`.
  public var shape: [Int]
  /// Where its bytes lie in the file.
  public var range: Range<Int>
}
