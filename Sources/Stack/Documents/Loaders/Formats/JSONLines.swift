internal import Files
internal import Foundation

/// The lines of a file of JSON lines, one object each.
struct JSONLines {
  private let file: FileBytes

  /// - Throws: `DataError` if the file cannot be read.
  init(path: String) throws { file = try FileBytes(path: path, allowingEmpty: true) }

  var path: String { file.path }

  /// One line: its object, its number from 1, and the broken byte sequences that were mended in it.
  struct Line<Object> {
    var object: Object
    var number: Int
    var repairs: Int
  }

  /// Calls `body` for every line that is not blank.
  ///
  /// - Throws: `DataError.corrupt` with the line that is no such object, and what `body` throws.
  /// - Complexity: O(bytes); memory for one line at a time.
  func forEach<Object: Decodable>(as type: Object.Type, _ body: (Line<Object>) throws -> Void) throws {
    let decoder = JSONDecoder()
    try forEach(decoding: { try decoder.decode(Object.self, from: $0) }, body)
  }

  /// The same for objects that need to be told how they are written.
  func forEach<Object: DecodableWithConfiguration>(
    as type: Object.Type, configuration: Object.DecodingConfiguration, _ body: (Line<Object>) throws -> Void
  ) throws {
    let decoder = JSONDecoder()
    try forEach(decoding: { try decoder.decode(Object.self, from: $0, configuration: configuration) }, body)
  }

  private func forEach<Object>(
    decoding decode: (Data) throws -> Object, _ body: (Line<Object>) throws -> Void
  ) throws {
    var rest = UnsafeRawBufferPointer(rebasing: file.bytes.dropFirst(ByteOrderMark(file.bytes) == .utf8 ? 3 : 0))
    var number = 0
    while !rest.isEmpty {
      let end = Self.newline(in: rest) ?? rest.count
      let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(end + 1))
      number += 1
      if line.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { continue }
      let text = DecodedText(utf8: line)
      let object: Object
      do {
        object = try decode(Data(text.text.utf8))
      } catch {
        throw corrupt(line: number, Self.reason(error))
      }
      try body(Line(object: object, number: number, repairs: text.repairs))
    }
    withExtendedLifetime(file) {}
  }

  func corrupt(line: Int, _ reason: String) -> DataError {
    .corrupt(path: file.path, at: "line \(line)", reason: reason)
  }

  private static func newline(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// What a decoder says, as half a sentence.
  static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "the field '\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.codingPath.isEmpty
        ? "is no JSON object"
        : "the field '\(context.codingPath.map(\.stringValue).joined(separator: "."))' holds another type than it should"
    case DecodingError.dataCorrupted(let context):
      context.codingPath.isEmpty ? "is no JSON" : context.debugDescription
    default: "\(error)"
    }
  }
}

/// A document as a JSON object, its fields named by `JSONFields`.
struct JSONDocument: DecodableWithConfiguration {
  var id: String?
  var title: String?
  var text: String
  var metadata: [String: String] = [:]

  init(from decoder: any Decoder, configuration fields: JSONFields) throws {
    let container = try decoder.container(keyedBy: FieldName.self)
    text = try container.decode(String.self, forKey: FieldName(fields.text))
    title = try container.decodeIfPresent(String.self, forKey: FieldName(fields.title))
    for key in container.allKeys where key.stringValue != fields.text && key.stringValue != fields.title {
      if key.stringValue == fields.id {
        id = try container.decodeIfPresent(JSONScalar.self, forKey: key)?.text
      } else if let value = try? container.decode(JSONScalar.self, forKey: key) {
        metadata[key.stringValue] = value.text
      }
    }
  }
}

/// A key of any name.
struct FieldName: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A string, a number or a boolean, as text.
struct JSONScalar: Decodable {
  var text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let string = try? container.decode(String.self) {
      text = string
    } else if let bool = try? container.decode(Bool.self) {
      text = String(bool)
    } else if let integer = try? container.decode(Int.self) {
      text = String(integer)
    } else {
      text = String(try container.decode(Double.self))
    }
  }
}
