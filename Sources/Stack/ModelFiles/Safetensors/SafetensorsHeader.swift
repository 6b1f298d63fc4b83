internal import JSON

/// The checked header of a safetensors file.
struct SafetensorsHeader {
  private(set) var tensors: [SafetensorsTensor] = []
  private(set) var metadata: [String: String] = [:]
  private let path: String

  /// Beyond this the reference implementation refuses a header, too.
  private static let longest = 100_000_000

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
    self.path = path
    guard bytes.count >= 8 else {
      throw ModelFileError(
        path: path, place: "byte 0",
        reason: "the file has \(bytes.count) bytes, too few for a safetensors file; fetch it anew")
    }
    let stated = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard stated <= UInt64(Self.longest), stated >= 2 else {
      throw ModelFileError(
        path: path, place: "byte 0", reason: "states a header of \(stated) bytes; this is no safetensors file")
    }
    let length = Int(stated)
    guard length <= bytes.count - 8 else {
      throw ModelFileError(
        path: path, place: "byte 0",
        reason: "states a header of \(length) bytes, and the file ends after \(bytes.count - 8) of them; fetch it anew")
    }
    let start = 8 + length
    let root: JSONValue
    do {
      root = try JSONValue.parse(UnsafeRawBufferPointer(rebasing: bytes[8..<start]))
    } catch {
      throw ModelFileError(
        path: path, place: "byte \(8 + error.offset)", reason: "the header is damaged: \(error.reason)")
    }
    guard let members = root.object else {
      throw ModelFileError(path: path, place: "byte 8", reason: "the header must be a JSON object, not \(root.kind)")
    }
    for member in members {
      if member.name == "__metadata__" {
        for note in member.value.object ?? [] { metadata[note.name] = note.value.string }
      } else {
        tensors.append(try tensor(member, start: start, end: bytes.count))
      }
    }
    tensors.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    try checkCover(from: start, to: bytes.count)
  }

  private func tensor(_ member: JSONMember, start: Int, end: Int) throws -> SafetensorsTensor {
    func failure(_ reason: String) -> ModelFileError {
      ModelFileError(path: path, place: "tensor '\(member.name)'", reason: reason)
    }
    guard let typeName = member.value["dtype"]?.string else { throw failure("has no dtype") }
    guard let type = SafetensorsType(rawValue: typeName) else {
      throw failure("is of the unknown type \(typeName)")
    }
    guard let dimensions = member.value["shape"]?.array else { throw failure("has no shape") }
    var count = 1
    var shape: [Int] = []
    for dimension in dimensions {
      guard let size = dimension.integer, size >= 0 else { throw failure("has \(dimension.kind) in its shape") }
      let product = count.multipliedReportingOverflow(by: size)
      guard !product.overflow, product.partialValue <= 1 << 56 else { throw failure("has a shape beyond all bounds") }
      count = product.partialValue
      shape.append(size)
    }
    guard let offsets = member.value["data_offsets"]?.array?.map(\.integer), offsets.count == 2,
      let first = offsets[0], let last = offsets[1], first >= 0, first <= last
    else { throw failure("needs data_offsets of two numbers, the first no larger than the second") }
    guard last <= end - start else {
      throw failure(
        "ends at byte \(last) of the data, and the file holds \(end - start); it is cut short, fetch it anew")
    }
    guard last - first == count * type.size else {
      throw failure("has \(last - first) bytes, and \(count) values of type \(typeName) take \(count * type.size)")
    }
    return SafetensorsTensor(name: member.name, type: type, shape: shape, range: start + first..<start + last)
  }

  /// Tensors lie one behind the other, and their bytes are the file's.
  private func checkCover(from start: Int, to end: Int) throws {
    var reached = start
    var previous = ""
    for tensor in tensors {
      guard tensor.range.lowerBound >= reached else {
        throw ModelFileError(
          path: path, place: "tensor '\(tensor.name)'",
          reason: "begins at byte \(tensor.range.lowerBound), within tensor '\(previous)'")
      }
      guard tensor.range.lowerBound == reached else {
        throw ModelFileError(
          path: path, place: "byte \(reached)",
          reason: "\(tensor.range.lowerBound - reached) bytes before tensor '\(tensor.name)' belong to none")
      }
      reached = tensor.range.upperBound
      previous = tensor.name
    }
    guard reached == end else {
      throw ModelFileError(
        path: path, place: "byte \(reached)", reason: "\(end - reached) bytes at the end belong to no tensor")
    }
  }
}
