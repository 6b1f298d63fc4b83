internal import Files
public import VectorStores

/// A question as a line of JSON has it: `{"id", "question"}`, or `"text"` in its place, as retrieval's lines have.
public struct QuestionLine: Sendable, Equatable {
  /// As it was, or the line's number.
  public var id: FieldValue
  public var question: String

  /// - Throws: `DataError.corrupt` with the number of a line that is none.
  public init(line: UnsafeRawBufferPointer, number: Int, source: String) throws {
    let refuse = { (reason: String) in DataError.corrupt(path: source, at: "line \(number)", reason: reason) }
    let value: FieldValue
    do { value = try FieldValue(json: line) } catch { throw refuse("\(error)") }
    guard case .object(let fields) = value else { throw refuse("is no JSON object") }
    guard case .string(let question) = fields["question"] ?? fields["text"] else {
      throw refuse("has no \"question\", which must be a text")
    }
    id = fields["id"] ?? .integer(Int64(number))
    self.question = question
  }
}
