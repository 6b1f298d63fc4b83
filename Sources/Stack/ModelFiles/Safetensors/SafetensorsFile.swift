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
  private let file: MappedTensors
  private let places: [String: Int]

  /// - Throws: `ModelFileError` with the tensor, the field or the byte at fault.
  /// - Complexity: O(header); tensors are read when they are asked for.
  public init(path: String) throws {
    let file = try MappedTensors(path: path)
    let header = try SafetensorsHeader(file.bytes, path: path)
    self.path = path
    self.file = file
    tensors = header.tensors
    metadata = header.metadata
    places = Dictionary(uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) })
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
    guard tensor.shape == shape else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'",
        reason: "has the shape \(tensor.shape), and the configuration asks for \(shape)")
    }
    return try floats(tensor)
  }

  private func floats(_ tensor: SafetensorsTensor) throws -> [Float] {
    let source = UnsafeRawBufferPointer(rebasing: file.bytes[tensor.range])
    return try withExtendedLifetime(file) {
      try [Float](unsafeUninitializedCapacity: tensor.count) { output, count in
        switch tensor.type {
        case .f32: UnsafeMutableRawBufferPointer(output).copyMemory(from: source)
        case .bf16:
          for index in 0..<tensor.count {
            let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
            output.initializeElement(at: index, to: Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16))
          }
        case .f16:
          for index in 0..<tensor.count {
            let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
            output.initializeElement(at: index, to: HalfPrecision.float(UInt16(littleEndian: bits)))
          }
        default:
          throw ModelFileError(
            path: path, place: "tensor '\(tensor.name)'",
            reason: "is of type \(tensor.type.rawValue), and weights are read from F32, F16 and BF16")
        }
        count = tensor.count
      }
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

/// IEEE 754 binary16, which Swift's `Float16` is on every machine but Intel's Macs.
enum HalfPrecision {
  static func float(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
}
