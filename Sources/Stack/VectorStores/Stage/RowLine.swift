public import Files

/// A row as a line of JSON has it: `{"id", "vector" or "text", …fields}`. A text stays a field beside its vector.
public struct RowLine: Sendable, Equatable {
  /// Without a vector while it is a text's.
  public var row: StoreRow
  /// What is to be embedded; nil where the line has a vector.
  public var text: String?

  public init(row: StoreRow, text: String? = nil) {
    self.row = row
    self.text = text
  }

  /// - Throws: `DataError.corrupt` with the number of a line that is none.
  public init(line: UnsafeRawBufferPointer, number: Int, source: String) throws(DataError) {
    var fields = try JSONLine.object(line, number: number, source: source)
    let refuse = { (reason: String) in JSONLine.refusal(reason, number: number, source: source) }
    let key: PrimaryKey?
    switch fields.removeValue(forKey: "id") {
    case nil: key = nil
    case .integer(let number): key = .integer(number)
    case .string(let text): key = .string(text)
    default: throw refuse("\"id\" must be a string or an integer")
    }
    let vector = fields.removeValue(forKey: "vector")
    if let vector {
      row = StoreRow(key: key, vector: try JSONLine.vector(vector, refuse), fields: fields)
      return
    }
    guard case .string(let text) = fields["text"] else { throw refuse("has neither a \"vector\" nor a \"text\"") }
    row = StoreRow(key: key, vector: [], fields: fields)
    self.text = text
  }
}

/// What every line of JSON is read by.
enum JSONLine {
  static func object(
    _ line: UnsafeRawBufferPointer, number: Int, source: String
  ) throws(DataError) -> [String: FieldValue] {
    let value: FieldValue
    do {
      value = try FieldValue(json: line)
    } catch {
      throw refusal("\(error)", number: number, source: source)
    }
    guard case .object(let fields) = value else {
      throw refusal("is no JSON object", number: number, source: source)
    }
    return fields
  }

  static func vector(_ value: FieldValue, _ refuse: (String) -> DataError) throws(DataError) -> [Float] {
    guard case .array(let values) = value else { throw refuse("\"vector\" must be a list of numbers") }
    var vector: [Float] = []
    vector.reserveCapacity(values.count)
    for value in values {
      switch value {
      case .integer(let number): vector.append(Float(number))
      case .number(let number): vector.append(Float(number))
      default: throw refuse("\"vector\" must be a list of numbers")
      }
    }
    return vector
  }

  static func refusal(_ reason: String, number: Int, source: String) -> DataError {
    .corrupt(path: source, at: "line \(number)", reason: reason)
  }
}
