/// The value of a dynamic field: JSON.
public enum FieldValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([FieldValue])
  case object([String: FieldValue])
}

extension FieldValue {
  /// Reads one JSON value (RFC 8259). Integers that fit 64 bits stay integers; of a name that stands twice the last counts.
  ///
  /// - Throws: `JSONMistake` for anything else than one value, or one nested deeper than 128.
  /// - Complexity: O(bytes).
  public init(json text: String) throws(JSONMistake) {
    var text = text
    let result: Result<FieldValue, JSONMistake> = text.withUTF8 { bytes in
      Result { () throws(JSONMistake) in try FieldValue(json: UnsafeRawBufferPointer(bytes)) }
    }
    self = try result.get()
  }

  /// The same of bytes, which must be UTF-8.
  public init(json bytes: UnsafeRawBufferPointer) throws(JSONMistake) {
    self = try JSONReader.whole(bytes.bindMemory(to: UInt8.self))
  }

  /// JSON on one line, names in the order of their bytes.
  public var json: String {
    var bytes: [UInt8] = []
    JSONWriter.append(self, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Where a text stops being JSON.
public struct JSONMistake: Error, Equatable, CustomStringConvertible {
  /// Counted from 0.
  public var byte: Int
  public var reason: String

  public var description: String { "byte \(byte): \(reason)" }
}
