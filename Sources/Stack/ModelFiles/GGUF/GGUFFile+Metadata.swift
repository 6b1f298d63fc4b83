/// Metadata as the kinds that a reader expects; every error names the key.
extension GGUFFile {
  /// A value of the metadata as one kind: `value("general.architecture", \.string)`.
  ///
  /// - Throws: `ModelFileError` if it is missing or of another kind.
  public func value<Value>(_ key: String, _ kind: (GGUFValue) -> Value?) throws -> Value {
    guard let found = metadata[key] else { throw failure(key, "is missing") }
    guard let value = kind(found) else { throw failure(key, "is \(found.kind), and no \(Value.self)") }
    return value
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let found = metadata[key] else { throw failure(key, "is missing") }
    guard let number = found.integer, range.contains(number) else {
      throw failure(key, "must be an integer from \(range.lowerBound) to \(range.upperBound), not \(found.kind)")
    }
    return number
  }

  func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
    try metadata[key] == nil ? fallback : integer(key, in: range)
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws -> Double {
    let number = try value(key, \.number)
    guard range.contains(number) else {
      throw failure(key, "must lie between \(range.lowerBound) and \(range.upperBound), not \(number)")
    }
    return number
  }

  func number(_ key: String, in range: ClosedRange<Double>, default fallback: Double) throws -> Double {
    try metadata[key] == nil ? fallback : number(key, in: range)
  }

  func failure(_ key: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, place: "key '\(key)'", reason: reason)
  }
}
