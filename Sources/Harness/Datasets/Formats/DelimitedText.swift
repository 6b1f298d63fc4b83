import Files
import Glibc

/// TSV and CSV: one vector a line, its separator and its header line told by the first lines.
struct DelimitedText {
  private let file: FileBytes
  private let separator: UInt8
  /// Counted from 0.
  private let idColumn: Int?
  /// Where the first vector begins, and the number of its line.
  private let start: Lines
  private let dimension: Int

  /// - Throws: `DataError.corrupt` if no line holds a vector, `.invalid` if the id column is not there.
  init(path: String, idColumn: Int?) throws {
    let file = try FileBytes(path: path)
    var lines = Lines(file.bytes)
    let beginning = lines
    guard let first = lines.next() else {
      throw DataError.corrupt(path: path, at: "line 1", reason: "the file holds no line")
    }
    let separators = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")]
    let separator = separators.first { file.bytes[first.bytes].contains($0) } ?? UInt8(ascii: " ")
    let words = try DelimitedText.fields(of: first, in: file, separator: separator)
    if let idColumn, !(1...words.count).contains(idColumn) {
      throw DataError.invalid("'\(path)' has \(words.count) columns; column \(idColumn) cannot hold the id")
    }
    let isHeader = words.indices.contains {
      $0 + 1 != idColumn && DelimitedText.number(file.bytes[words[$0]]) == nil
    }
    let named = words.firstIndex { String(decoding: file.bytes[$0], as: UTF8.self).lowercased() == "id" }
    self.file = file
    self.separator = separator
    self.idColumn = idColumn.map { $0 - 1 } ?? (isHeader ? named : nil)
    start = isHeader ? lines : beginning
    dimension = words.count - (self.idColumn == nil ? 0 : 1)
    guard dimension > 0 else {
      throw DataError.corrupt(path: path, at: "line \(first.number)", reason: "holds an id and no component")
    }
  }

  func shape() throws -> VectorShape {
    var lines = start
    var rows = 0
    while lines.next() != nil { rows += 1 }
    guard rows > 0 else { throw empty() }
    return VectorShape(rows: rows, dimension: dimension)
  }

  func read(limit: Int?) throws -> VectorSet {
    var lines = start
    var values: [Float] = []
    var rows = 0
    while rows < limit ?? .max, let line = lines.next() {
      let fields = try DelimitedText.fields(of: line, in: file, separator: separator)
      guard fields.count == dimension + (idColumn == nil ? 0 : 1) else {
        throw corrupt(line, "has \(fields.count) columns, the lines before it \(dimension + (idColumn == nil ? 0 : 1))")
      }
      for (column, field) in fields.enumerated() where column != idColumn {
        guard let value = DelimitedText.number(file.bytes[field]) else {
          let text = String(decoding: file.bytes[field].prefix(40), as: UTF8.self)
          throw corrupt(line, "column \(column + 1) holds '\(text)', which is no number")
        }
        guard value.isFinite else { throw corrupt(line, "column \(column + 1) holds \(value); vectors must be finite") }
        values.append(value)
      }
      rows += 1
    }
    guard rows > 0 else { throw empty() }
    return try VectorSet(dimension: dimension, values: values)
  }

  private func empty() -> DataError {
    .corrupt(path: file.path, at: "line \(start.number)", reason: "a header and no vector after it")
  }

  private func corrupt(_ line: Lines.Line, _ reason: String) -> DataError {
    .corrupt(path: file.path, at: "line \(line.number)", reason: reason)
  }

  /// Where the fields of a line lie, without their quotes (RFC 4180).
  static func fields(of line: Lines.Line, in file: FileBytes, separator: UInt8) throws -> [Range<Int>] {
    let quote = UInt8(ascii: "\"")
    let bytes = file.bytes
    var fields: [Range<Int>] = []
    var begin = line.bytes.lowerBound
    while true {
      var end = begin
      if begin < line.bytes.upperBound, bytes[begin] == quote {
        end += 1
        while end < line.bytes.upperBound, bytes[end] != quote || next(end) == quote {
          end += bytes[end] == quote ? 2 : 1
        }
        guard end < line.bytes.upperBound, next(end) == nil || next(end) == separator else {
          throw DataError.corrupt(
            path: file.path, at: "line \(line.number)", reason: "column \(fields.count + 1) has a quote out of place")
        }
        fields.append(begin + 1..<end)
        end += 1
      } else {
        while end < line.bytes.upperBound, bytes[end] != separator { end += 1 }
        fields.append(begin..<end)
      }
      guard end < line.bytes.upperBound else { return fields }
      begin = end + 1
    }
    func next(_ index: Int) -> UInt8? { index + 1 < line.bytes.upperBound ? bytes[index + 1] : nil }
  }

  /// The number a field holds, blanks around it left aside; NaN and infinities are numbers here, for the caller to refuse.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Float? {
    var field = field
    while field.first == UInt8(ascii: " ") { field = field.dropFirst() }
    while field.last == UInt8(ascii: " ") { field = field.dropLast() }
    guard !field.isEmpty, field.count < 64 else { return nil }
    if field.count <= 7 {
      var whole = 0
      var isWhole = true
      for byte in field {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
          isWhole = false
          break
        }
        whole = whole * 10 + Int(byte - UInt8(ascii: "0"))
      }
      if isWhole { return Float(whole) }
    }
    // strtof also reads hexadecimal numbers, which no table of vectors means.
    guard !field.contains(where: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "X") }) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      for (index, byte) in field.enumerated() { text[index] = CChar(truncatingIfNeeded: byte) }
      text[field.count] = 0
      var end: UnsafeMutablePointer<CChar>?
      let value = strtof(text.baseAddress!, &end)
      return end == text.baseAddress! + field.count ? value : nil
    }
  }
}

/// The lines of a text that are not blank, with their numbers.
struct Lines: IteratorProtocol {
  struct Line {
    var bytes: Range<Int>
    var number: Int
  }

  private let text: UnsafeRawBufferPointer
  private var position: Int
  /// Lines read so far.
  private(set) var number = 0

  /// `text` must outlive the iterator.
  init(_ text: UnsafeRawBufferPointer) {
    self.text = text
    position = text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  mutating func next() -> Line? {
    while position < text.count {
      let begin = position
      let base = text.baseAddress!
      let newline = memchr(base + begin, 10, text.count - begin).map { UnsafeRawPointer($0) - base }
      position = newline.map { $0 + 1 } ?? text.count
      number += 1
      var end = newline ?? text.count
      if end > begin, text[end - 1] == 13 { end -= 1 }
      if text[begin..<end].contains(where: { $0 != 32 && $0 != 9 }) { return Line(bytes: begin..<end, number: number) }
    }
    return nil
  }
}
