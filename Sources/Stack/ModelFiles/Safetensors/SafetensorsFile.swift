internal import Files
internal import JSON

/// A mapped `.safetensors` file: eight bytes of header length, a JSON header, then the tensors without gaps.
///
/// Format: https://huggingface.co/docs/safetensors, "Format". Everything of the header is checked when the file is opened,
/// so that no tensor reaches beyond the file or into another one.
public final class SafetensorsFile: Sendable {
  public let path: String
  /// In the order of their bytes.
  public let tensors: [SafetensorsTensor]
  /// What the writer noted of the file, often `format`.
  public let metadata: [String: String]
  let mapped: MappedTensors
  private let places: [String: Int]

  /// - Throws: `ModelFileError` with the tensor, the field or the byte at fault.
  /// - Complexity: O(header); tensors are read when they are asked for.
  public init(path: String) throws {
    let file = try MappedTensors(path: path)
    let header = try SafetensorsHeader(file.bytes, path: path)
    self.path = path
    mapped = file
    tensors = header.tensors
    metadata = header.metadata
    // The header's names differ in their bytes; two that are equal in Unicode's eyes are no model's.
    places = Dictionary(header.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: `ModelFileError` if there is no such tensor, with the nearest name.
  public func tensor(_ name: String) throws -> SafetensorsTensor {
    guard let place = places[name] else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'", reason: "is not among the \(tensors.count) tensors of the file")
    }
    return tensors[place]
  }

  public func has(_ name: String) -> Bool { places[name] != nil }

  /// The values of a tensor as floats: F32 as they are, F16 and BF16 widened, which is exact.
  ///
  /// - Parameter shape: what the model's configuration says of it.
  /// - Throws: `ModelFileError` if there is no such tensor, its shape differs, or its type is none of the three.
  public func floats(_ name: String, shape: [Int]) throws -> [Float] {
    let tensor = try tensor(name)
    guard let stored = stored(tensor) else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'",
        reason: "is of type \(tensor.type.rawValue), and weights are read from F32, F16 and BF16")
    }
    try stored.check(shape: shape)
    return try stored.floats()
  }

  /// Nil for types that hold no weights.
  func stored(_ tensor: SafetensorsTensor) -> StoredTensor? {
    let type: GGUFType? =
      switch tensor.type {
      case .f32: GGUFType(code: 0)
      case .f16: GGUFType(code: 1)
      case .bf16: GGUFType(code: 30)
      default: nil
      }
    return type.map {
      StoredTensor(
        name: tensor.name, path: path, type: $0, shape: tensor.shape, source: mapped, range: tensor.range)
    }
  }
}

/// One tensor of a file.
public struct SafetensorsTensor: Sendable, Equatable {
  public var name: String
  public var type: SafetensorsType
  /// Row-major; empty for a single number.
  public var shape: [Int]
  /// Where its bytes lie in the file.
  public var range: Range<Int>

  /// Values in it.
  public var count: Int { range.count / type.size }
}

/// Element types of the format.
public enum SafetensorsType: String, Sendable, CaseIterable {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u64 = "U64"
  case u32 = "U32"
  case u16 = "U16"
  case u8 = "U8"
  case bool = "BOOL"

  /// Bytes of one value.
  public var size: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool: 1
    }
  }
}
