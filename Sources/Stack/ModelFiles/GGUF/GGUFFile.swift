/// A mapped `.gguf` file: metadata, then the list of tensors, then their bytes.
///
/// Format: https://github.com/ggml-org/ggml, `docs/gguf.md`, versions 2 and 3, little-endian. Everything is checked when the
/// file is opened, so that no tensor reaches beyond the file or into another one.
public final class GGUFFile: Sendable {
  public let path: String
  public let metadata: [String: GGUFValue]
  /// In the order of their bytes.
  public let tensors: [GGUFTensor]
  let source: any WeightSource
  private let places: [String: Int]

  /// - Throws: `ModelFileError` with the byte, the key or the tensor at fault.
  public convenience init(path: String) throws {
    try self.init(path: path, source: MappedTensors(path: path))
  }

  /// - Parameter path: what errors name.
  package init(path: String, source: any WeightSource) throws {
    self.path = path
    self.source = source
    var cursor = GGUFCursor(source.bytes, path: path)
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
    places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
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
    guard let place = places[name] else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'", reason: "is not among the \(tensors.count) tensors of the file")
    }
    return tensors[place]
  }

  public func has(_ name: String) -> Bool { places[name] != nil }

  /// The values of a vector as floats.
  ///
  /// - Throws: `ModelFileError` if there is no such tensor, it is no vector of so many values, or of a type that holds no
  ///   weights.
  public func floats(_ name: String, count: Int) throws -> [Float] {
    let stored = try stored(tensor(name))
    try stored.check(shape: [count])
    return try stored.floats()
  }

  func stored(_ tensor: GGUFTensor) -> StoredTensor {
    // GGUF counts the innermost dimension first.
    StoredTensor(
      name: tensor.name, path: path, type: tensor.type, shape: tensor.shape.reversed(), source: source,
      range: tensor.range)
  }
}
