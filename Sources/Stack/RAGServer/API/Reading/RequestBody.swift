internal import JSON

/// The fields of a call's body, which come from anybody. Fields without a reader are ignored, and null is absent.
struct RequestBody {
  private let members: JSONValue

  /// - Throws: `APIError` for a body that is no JSON object. An object that names a member twice is refused, too: readers
  ///   that take the first and readers that take the last would see different requests.
  init(_ bytes: UnsafeRawBufferPointer) throws(APIError) {
    do {
      members = try JSONValue.parse(bytes)
    } catch {
      throw .malformed("the body is no JSON: \(error)", "body.\(error.offset)")
    }
    guard members.object != nil else {
      throw .malformed("the body should be a JSON object, not \(members.kind)", "body")
    }
  }

  subscript(name: String) -> JSONValue? {
    let value = members[name]
    return value?.isNull == true ? nil : value
  }

  private func wrongType(_ name: String, _ right: String, _ value: JSONValue) -> APIError {
    .malformed("\(name) should be \(right), not \(value.kind)", "body.\(name)")
  }

  private func read<Value>(_ name: String, _ right: String, _ read: (JSONValue) -> Value?) throws(APIError) -> Value? {
    guard let value = self[name] else { return nil }
    guard let result = read(value) else { throw wrongType(name, right, value) }
    return result
  }

  /// Whole numbers of any size: what no machine word holds is as good as the largest one for every limit.
  func integer(_ name: String) throws(APIError) -> Int? { try read(name, "a whole number", \.clampedInteger) }

  func number(_ name: String) throws(APIError) -> Double? { try read(name, "a number", \.number) }

  func bool(_ name: String) throws(APIError) -> Bool? { try read(name, "true or false", \.bool) }

  func string(_ name: String) throws(APIError) -> String? { try read(name, "a text", \.string) }

  func object(_ name: String) throws(APIError) -> [JSONMember]? { try read(name, "an object", \.object) }

  /// A text, or a list of texts.
  func strings(_ name: String) throws(APIError) -> [String]? {
    try read(name, "a text or a list of texts") { value in
      value.string.map { [$0] } ?? value.array?.all(\.string)
    }
  }

  func integers(_ name: String) throws(APIError) -> [Int]? {
    try read(name, "a list of whole numbers") { $0.array?.all(\.clampedInteger) }
  }

  /// Fields that only this value may have: doing as if they had not been there would answer another question.
  func require(_ value: JSONValue, of names: String...) throws(APIError) {
    for name in names {
      if let given = self[name], given != value { throw .unsupported(name) }
    }
  }

  /// Fields that may only be empty, for the same reason.
  func requireEmpty(_ names: String...) throws(APIError) {
    for name in names {
      guard let given = self[name] else { continue }
      guard given.array?.isEmpty == true || given.object?.isEmpty == true else { throw .unsupported(name) }
    }
  }

  /// A name that is not the model's; none is any model's.
  func checkModel(_ served: String) throws(APIError) {
    guard let name = try string("model"), !name.isEmpty, name != served else { return }
    throw .unknownModel(name, served: served)
  }
}

extension JSONValue {
  /// Beyond a machine word: the nearest.
  var clampedInteger: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value) where value.rounded() == value: Int(exactly: value) ?? (value < 0 ? .min : .max)
    default: nil
    }
  }
}

extension [JSONValue] {
  /// What each is, if all are.
  func all<Value>(_ read: (JSONValue) -> Value?) -> [Value]? {
    var values: [Value] = []
    values.reserveCapacity(count)
    for element in self {
      guard let value = read(element) else { return nil }
      values.append(value)
    }
    return values
  }
}
