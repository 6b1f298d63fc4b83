/// A mapped `.gguf` file: metadata, then the list of tensors, then their bytes.
///
/// Format: https://github.com/ggml-org/ggml, `docs/gguf.md`, versions 2 and 3, little-endian. Everything is checked when the
/// file is opened, so that no tensor reaches beyond the file or into another one.
public final class GGUFFile: Sendable {
  public let path: String
  public let metadata: [String: GGUFValue]
  /// In the order of their bytes.
  public let tensors: [GGUFTensor]
  private let file: MappedTensors

  /// - Throws: `ModelFileError` with the byte, the key or the tensor at fault.
  public init(path: String) throws {
    self.path = path
    file = try MappedTensors(path: path)
    var cursor = GGUFCursor(file.bytes, path: path)
    guard try cursor.number(UInt32.self) == 0x4655_4747 else {
      throw ModelFileError(path: path, place: "byte 0", reason: "is no GGUF file")
    }
    let version = try cursor.number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw ModelFileError(path: path, place: "byte 4", reason: "is of GGUF version \(version); 2 and 3 are read here")
    }
    // The smallest entry of each kind takes 13 and 24 bytes.
    let tensorCount = try cursor.count(least: 24, what: "tensors")
    let keyCount = try cursor.count(least: 13, what: "keys")
    metadata = try cursor.metadata(count: keyCount)
    tensors = try cursor.tensors(count: tensorCount, alignment: Self.alignment(metadata, path: path))
  }

  private static func alignment(_ metadata: [String: GGUFValue], path: String) throws -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.integer, alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
      throw ModelFileError(path: path, place: "key 'general.alignment'", reason: "must be a power of two")
    }
    return alignment
  }

  /// - Throws: `ModelFileError` if there is no such tensor.
  public func tensor(_ name: String) throws -> GGUFTensor {
    guard let tensor = tensors.first(where: { $0.name == name }) else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'", reason: "is not among the \(tensors.count) tensors of the file")
    }
    return tensor
  }

  /// A value of the metadata as one kind: `value("general.architecture", \.string)`.
  ///
  /// - Throws: `ModelFileError` if it is missing or of another kind.
  public func value<Value>(_ key: String, _ kind: (GGUFValue) -> Value?) throws -> Value {
    guard let found = metadata[key] else {
      throw ModelFileError(path: path, place: "key '\(key)'", reason: "is missing")
    }
    guard let value = kind(found) else {
      throw ModelFileError(path: path, place: "key '\(key)'", reason: "is not a \(Value.self)")
    }
    return value
  }
}
