internal import Files
package import JSON

/// A JSON object of a file, read field by field; every error names the file and the field.
package struct ConfigurationFile {
  package let path: String
  /// Path of the object within the file: "model.", say; empty for the outermost.
  private let prefix: String
  package let members: [JSONMember]

  /// - Throws: `ModelFileError` if the file cannot be read or holds no JSON object.
  package init(path: String) throws {
    let value = try Self.value(path: path)
    guard let members = value.object else {
      throw ModelFileError(path: path, reason: "must hold a JSON object, not \(value.kind)")
    }
    self.init(path: path, prefix: "", members: members)
  }

  private init(path: String, prefix: String, members: [JSONMember]) {
    self.path = path
    self.prefix = prefix
    self.members = members
  }

  /// Any JSON value of a file.
  package static func value(path: String) throws -> JSONValue {
    do {
      let file = try FileBytes(path: path, inflating: false)
      defer { withExtendedLifetime(file) {} }
      return try JSONValue.parse(file.bytes)
    } catch let error as JSONError {
      throw ModelFileError(path: path, place: "byte \(error.offset)", reason: error.reason)
    } catch let error as DataError {
      throw ModelFileError(error)
    }
  }

  /// A field that is there and not null.
  package func optional(_ field: String) -> JSONValue? {
    guard let value = members.first(where: { $0.name == field })?.value, !value.isNull else { return nil }
    return value
  }

  package func required(_ field: String) throws -> JSONValue {
    guard let value = optional(field) else { throw failure(field, "is missing") }
    return value
  }

  package func integer(_ field: String, in range: ClosedRange<Int>) throws -> Int {
    let value = try required(field)
    guard let number = value.integer, range.contains(number) else {
      throw failure(field, "must be an integer from \(range.lowerBound) to \(range.upperBound), not \(value.kind)")
    }
    return number
  }

  package func integer(_ field: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
    try optional(field) == nil ? fallback : integer(field, in: range)
  }

  package func number(_ field: String) throws -> Double {
    let value = try required(field)
    guard let number = value.number else { throw failure(field, "must be a number, not \(value.kind)") }
    return number
  }

  package func text(_ field: String) throws -> String {
    let value = try required(field)
    guard let text = value.string else { throw failure(field, "must be a text, not \(value.kind)") }
    return text
  }

  package func bool(_ field: String, default fallback: Bool) throws -> Bool {
    guard let value = optional(field) else { return fallback }
    guard let bool = value.bool else { throw failure(field, "must be true or false, not \(value.kind)") }
    return bool
  }

  package func list(_ field: String) throws -> [JSONValue] {
    let value = try required(field)
    guard let list = value.array else { throw failure(field, "must be a list, not \(value.kind)") }
    return list
  }

  package func object(_ field: String) throws -> ConfigurationFile {
    try object(required(field), at: field)
  }

  /// An object that stands within this one, at the place that errors are to name.
  package func object(_ value: JSONValue, at place: String) throws -> ConfigurationFile {
    guard let members = value.object else { throw failure(place, "must be an object, not \(value.kind)") }
    return ConfigurationFile(path: path, prefix: "\(prefix)\(place).", members: members)
  }

  package func failure(_ field: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, place: "field '\(prefix)\(field)'", reason: reason)
  }
}
