/// Reads a GGUF file's header from front to back; nothing is read beyond the end.
struct GGUFCursor {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var offset = 0
  /// Elements that lists may still have: no vocabulary comes near it, and each takes far more memory than its byte of file.
  private var elements = 1 << 22

  /// Bytes of the whole file, of which a header is at most the first GiB.
  private let fileSize: Int

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(1 << 30))
    fileSize = bytes.count
    self.path = path
  }

  private func failure(_ reason: String, at place: Int? = nil) -> ModelFileError {
    ModelFileError(path: path, place: "byte \(place ?? offset)", reason: reason)
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> Number {
    let width = MemoryLayout<Number>.size
    guard bytes.count - offset >= width else { throw failure("the file ends within its header; fetch it anew") }
    defer { offset += width }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// A number of things that take at least so many bytes each.
  mutating func count(least: Int, what: String) throws -> Int {
    let place = offset
    let stated = try number(UInt64.self)
    guard stated <= UInt64((bytes.count - offset) / least) else {
      throw failure("states \(stated) \(what), more than the file can hold", at: place)
    }
    return Int(stated)
  }

  private mutating func string() throws -> String {
    let length = try count(least: 1, what: "bytes of a text")
    defer { offset += length }
    guard let text = String(validating: bytes[offset..<offset + length], as: UTF8.self) else {
      throw failure("a text is no valid UTF-8")
    }
    return text
  }

  mutating func metadata(count: Int) throws -> [String: GGUFValue] {
    var metadata: [String: GGUFValue] = [:]
    for _ in 0..<count {
      let place = offset
      let key = try string()
      let value = try value(type: number(UInt32.self), depth: 0)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw failure("the key '\(key)' comes twice", at: place)
      }
    }
    return metadata
  }

  private mutating func value(type: UInt32, depth: Int) throws -> GGUFValue {
    switch type {
    case 0: return .integer(Int(try number(UInt8.self)))
    case 1: return .integer(Int(try number(Int8.self)))
    case 2: return .integer(Int(try number(UInt16.self)))
    case 3: return .integer(Int(try number(Int16.self)))
    case 4: return .integer(Int(try number(UInt32.self)))
    case 5: return .integer(Int(try number(Int32.self)))
    case 6: return .number(Double(Float(bitPattern: try number(UInt32.self))))
    case 7: return .bool(try number(UInt8.self) != 0)
    case 8: return .string(try string())
    case 9:
      let element = try number(UInt32.self)
      guard depth < 4 else { throw failure("lists are nested deeper than 4 levels") }
      let place = offset
      let count = try count(least: Self.leastBytes(of: element), what: "elements of a list")
      guard count <= elements else {
        throw failure("states a list of \(count) elements, more than any model has", at: place)
      }
      elements -= count
      return .array(try (0..<count).map { _ in try value(type: element, depth: depth + 1) })
    case 10:
      let place = offset
      guard let value = Int(exactly: try number(UInt64.self)) else { throw failure("a number is too large", at: place) }
      return .integer(value)
    case 11: return .integer(Int(try number(Int64.self)))
    case 12: return .number(Double(bitPattern: try number(UInt64.self)))
    default: throw failure("a value is of the unknown type \(type)", at: offset - 4)
    }
  }

  /// Bytes that a value of a type takes at least: those of a number, of a length, of a list's type and length.
  private static func leastBytes(of type: UInt32) -> Int {
    switch type {
    case 2, 3: 2
    case 4, 5, 6: 4
    case 8, 10, 11, 12: 8
    case 9: 12
    default: 1
    }
  }

  mutating func tensors(count: Int, alignment: Int) throws -> [GGUFTensor] {
    var tensors: [GGUFTensor] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let tensor = try tensor(alignment: alignment)
      guard names.insert(tensor.name).inserted else {
        throw ModelFileError(path: path, place: "tensor '\(tensor.name)'", reason: "comes twice")
      }
      tensors.append(tensor)
    }
    // Offsets are counted from the first aligned byte behind the list.
    let start = (offset + alignment - 1) / alignment * alignment
    for index in tensors.indices {
      let range = tensors[index].range
      guard start <= fileSize, range.upperBound <= fileSize - start else {
        throw ModelFileError(
          path: path, place: "tensor '\(tensors[index].name)'",
          reason: "ends at byte \(range.upperBound) of the data, and the file holds \(max(0, fileSize - start)); "
            + "it is cut short, fetch it anew")
      }
      tensors[index].range = range.lowerBound + start..<range.upperBound + start
    }
    tensors.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    for (previous, tensor) in zip(tensors, tensors.dropFirst())
    where tensor.range.lowerBound < previous.range.upperBound {
      throw ModelFileError(
        path: path, place: "tensor '\(tensor.name)'",
        reason: "begins at byte \(tensor.range.lowerBound), within tensor '\(previous.name)'")
    }
    return tensors
  }

  private mutating func tensor(alignment: Int) throws -> GGUFTensor {
    let name = try string()
    func failure(_ reason: String) -> ModelFileError {
      ModelFileError(path: path, place: "tensor '\(name)'", reason: reason)
    }
    // ggml.h, GGML_MAX_NAME.
    guard name.utf8.count <= 64 else {
      throw ModelFileError(
        path: path, place: "tensor '\(name)'", reason: "has a name of \(name.utf8.count) bytes, and 64 are possible")
    }
    let dimensions = try number(UInt32.self)
    guard (1...4).contains(dimensions) else { throw failure("has \(dimensions) dimensions, and 1 to 4 are possible") }
    var values = 1
    var shape: [Int] = []
    for _ in 0..<dimensions {
      guard let size = Int(exactly: try number(UInt64.self)), size > 0 else { throw failure("has no sensible shape") }
      let product = values.multipliedReportingOverflow(by: size)
      guard !product.overflow, product.partialValue <= 1 << 56 else { throw failure("has a shape beyond all bounds") }
      values = product.partialValue
      shape.append(size)
    }
    let code = try number(UInt32.self)
    guard let type = GGUFType(code: code) else {
      throw failure("is of the type \(code), which is no quantisation that is known here")
    }
    let stated = try number(UInt64.self)
    guard stated % UInt64(alignment) == 0 else { throw failure("begins at no multiple of \(alignment)") }
    // No larger than a shape may be, so that their sum is a number too; the file's own size is held against it below.
    guard stated <= 1 << 56 else { throw failure("begins beyond all bounds") }
    let start = Int(stated)
    guard shape[0] % type.blockValues == 0 else {
      throw failure("has rows of \(shape[0]) values, which blocks of \(type.blockValues) do not fill")
    }
    return GGUFTensor(
      name: name, type: type, shape: shape, range: start..<start + values / type.blockValues * type.blockBytes)
  }
}
