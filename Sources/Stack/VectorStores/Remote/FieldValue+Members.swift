/// What is read from the answers of servers.
extension FieldValue {
  init(_ key: PrimaryKey) {
    switch key {
    case .integer(let number): self = .integer(number)
    case .string(let text): self = .string(text)
    }
  }

  package subscript(name: String) -> FieldValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  package var array: [FieldValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  package var object: [String: FieldValue]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  package var bool: Bool? {
    guard case .bool(let truth) = self else { return nil }
    return truth
  }

  /// A whole number, also as servers write those that JavaScript could not hold: as a text.
  package var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .number(let number): Int64(exactly: number)
    case .string(let text): Int64(text)
    default: nil
    }
  }

  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// A list of numbers; nil for anything else.
  var vector: [Float]? {
    guard case .array(let values) = self else { return nil }
    var vector: [Float] = []
    vector.reserveCapacity(values.count)
    for value in values {
      guard let number = value.number else { return nil }
      vector.append(Float(number))
    }
    return vector
  }
}
