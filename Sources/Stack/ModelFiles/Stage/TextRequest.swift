internal import Files
package import JSON

/// One text that a stage of the command line is to answer: `{"id", "text"}`, or what was given as it is.
package struct TextRequest: Sendable, Equatable {
  package var id: Identifier?
  package var text: String
  /// Broken byte sequences that became U+FFFD.
  package var repairs: Int

  /// Comes back as it was.
  package enum Identifier: Sendable, Equatable {
    case text(String)
    case number(Int)
  }

  package init(id: Identifier? = nil, text: String, repairs: Int = 0) {
    self.id = id
    self.text = text
    self.repairs = repairs
  }

  /// The text of some bytes.
  package init(id: Identifier, bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    let replaced = text.unicodeScalars.count { $0 == "\u{FFFD}" }
    self.init(id: id, text: text, repairs: replaced == 0 ? 0 : replaced - Self.replacements(in: bytes))
  }

  /// - Throws: `DataError.corrupt` with the number of a line that is no such object.
  package init(line: UnsafeRawBufferPointer, number: Int, source: String) throws {
    let object = try Self.object(of: line, number: number, source: source, shape: "{\"id\", \"text\"}")
    func failure(_ reason: String) -> DataError { .corrupt(path: source, at: "line \(number)", reason: reason) }
    guard let text = object.value["text"] else { throw failure("the field 'text' is missing") }
    guard let string = text.string else { throw failure("the field 'text' must be a text, not \(text.kind)") }
    self.init(id: object.id, text: string, repairs: object.repairs)
  }

  /// The object of a line, and the id that it carries.
  ///
  /// - Parameter shape: what the object should look like, for a sentence about what is none.
  /// - Throws: `DataError.corrupt` with the number of a line that is no object, or whose id is none.
  package static func object(
    of line: UnsafeRawBufferPointer, number: Int, source: String, shape: String
  ) throws -> (value: JSONValue, id: Identifier?, repairs: Int) {
    let mended = TextRequest(id: .number(number), bytes: line)
    func failure(_ reason: String) -> DataError { .corrupt(path: source, at: "line \(number)", reason: reason) }
    let value: JSONValue
    do { value = try JSONValue.parse(mended.text) } catch { throw failure("is no JSON: \(error)") }
    guard value.object != nil else { throw failure("must be an object \(shape), not \(value.kind)") }
    switch value["id"] {
    case nil, .null: return (value, nil, mended.repairs)
    case .string(let text): return (value, .text(text), mended.repairs)
    case .integer(let number): return (value, .number(number), mended.repairs)
    case .some(let other): throw failure("the field 'id' must be a text or a whole number, not \(other.kind)")
    }
  }

  /// U+FFFD that the source spells out itself.
  private static func replacements(in bytes: UnsafeRawBufferPointer) -> Int {
    guard bytes.count >= 3 else { return 0 }
    return (0...bytes.count - 3).count { bytes[$0] == 0xEF && bytes[$0 + 1] == 0xBF && bytes[$0 + 2] == 0xBD }
  }

  /// `{"id": …, ` or `{`.
  package func open(_ output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    switch id {
    case nil: return
    case .number(let number): output += "\"id\":\(number),".utf8
    case .text(let text):
      output += "\"id\":".utf8
      JSONText.append(text, to: &output)
      output.append(UInt8(ascii: ","))
    }
  }
}
