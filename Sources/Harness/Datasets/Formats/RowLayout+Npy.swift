import Files

/// NumPy's header: magic, version, length, and a Python dictionary literal (numpy.lib.format, versions 1.0 and 2.0).
extension RowLayout {
  init(npy file: FileBytes) throws {
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    guard file.count >= 10 else { throw file.corrupt(at: file.count, "cut short within NumPy's header") }
    guard file.bytes.prefix(6).elementsEqual(magic) else {
      throw file.corrupt(at: 0, "does not begin with NumPy's magic number")
    }
    let version = file.bytes[6]
    guard version == 1 || version == 2 else {
      throw file.corrupt(at: 6, "is NumPy format version \(version); versions 1 and 2 are read")
    }
    let lengthBytes = version == 1 ? 2 : 4
    guard file.count >= 8 + lengthBytes else { throw file.corrupt(at: file.count, "cut short within NumPy's header") }
    let length = version == 1 ? Int(file.load(8, as: UInt16.self)) : Int(file.load(8, as: UInt32.self))
    let start = 8 + lengthBytes + length
    guard start <= file.count else {
      throw file.corrupt(at: 8, "NumPy's header says it is \(length) bytes long, and the file ends before")
    }
    let header = String(decoding: file.bytes[(8 + lengthBytes)..<start], as: UTF8.self)
    func value(_ key: String) throws -> Substring {
      guard let found = header.range(ofFirst: "'\(key)':") else {
        throw file.corrupt(at: 8 + lengthBytes, "NumPy's header has no '\(key)'")
      }
      return header[found...].drop { $0 == " " }
    }
    let element = try RowLayout.element(npy: String(value("descr").dropFirst().prefix { $0 != "'" }), in: file)
    guard try value("fortran_order").hasPrefix("False") else {
      throw file.corrupt(
        at: 8 + lengthBytes, "is stored column by column; write it again with numpy.ascontiguousarray(x)")
    }
    let shape = try value("shape")
    let lengths = shape.dropFirst().prefix { $0 != ")" }.split(separator: ",").map { part in
      Int(String(part.filter { $0 != " " }))
    }
    guard shape.first == "(", lengths.count == 2, let rows = lengths[0], let dimension = lengths[1] else {
      throw file.corrupt(
        at: 8 + lengthBytes, "has the shape \(shape.prefix(40).prefix { $0 != ")" })); rows × dimension is needed")
    }
    try self.init(dense: file, rows: rows, dimension: dimension, start: start, element: element)
  }

  private static func element(npy name: String, in file: FileBytes) throws -> Element {
    switch name {
    case "<f4": .float32
    case "<f8": .float64
    case "<f2": .float16
    case "|i1": .int8
    case "|u1": .uint8
    case "<i4": .int32
    case "<i8": .int64
    default:
      throw file.corrupt(
        at: 10,
        "holds elements of type '\(name)'; <f4 <f8 <f2 |i1 |u1 <i4 <i8 are read (x.astype('<f4') makes the first)")
    }
  }
}

extension String {
  /// The index after the first occurrence of `text`.
  fileprivate func range(ofFirst text: String) -> Index? {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) { return rest.index(rest.startIndex, offsetBy: text.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
