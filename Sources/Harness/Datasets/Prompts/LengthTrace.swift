import Files

/// How long the prompts and the answers of a service were, and when they came: a CSV file such as the Azure LLM inference
/// traces.
public struct LengthTrace: Sendable, Equatable {
  public struct Row: Sendable, Hashable {
    public var promptTokens: Int
    public var outputTokens: Int
    /// When it came, counted from the earliest row; nil where its row does not tell in a form that is known.
    public var seconds: Double?

    public init(promptTokens: Int, outputTokens: Int, seconds: Double? = nil) {
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
      self.seconds = seconds
    }
  }

  /// The columns, by the names that Azure gives them; others are left aside.
  public static let promptColumn = "ContextTokens"
  public static let outputColumn = "GeneratedTokens"
  /// Dates with times, as `2023-11-16 18:15:46.6805900`, or numbers of seconds; a trace may lack it.
  public static let timeColumn = "TIMESTAMP"

  /// In the order of the file.
  public let rows: [Row]

  /// - Throws: `DataError.corrupt` with the line that lacks a column or holds no length of at least 1.
  public init(path: String) throws {
    let file = try FileBytes(path: path)
    var lines = Lines(file.bytes)
    func corrupt(_ line: Int, _ reason: String) -> DataError {
      .corrupt(path: path, at: "line \(line)", reason: reason)
    }
    func words(_ line: Lines.Line) throws -> [String] {
      try DelimitedText.fields(of: line, in: file, separator: UInt8(ascii: ",")).map {
        String(decoding: file.bytes[$0], as: UTF8.self)
      }
    }
    guard let first = lines.next() else { throw corrupt(1, "the file holds no line") }
    let header = try words(first)
    let columns = try [Self.promptColumn, Self.outputColumn].map { name in
      guard let column = header.firstIndex(of: name) else {
        throw corrupt(
          first.number, "a trace's first line names the columns \(Self.promptColumn) and \(Self.outputColumn)")
      }
      return column
    }
    let timeColumn = header.firstIndex(of: Self.timeColumn)
    var rows: [Row] = []
    var earliest: TraceTime?
    var times: [TraceTime?] = []
    while let line = lines.next() {
      let words = try words(line)
      guard words.count == header.count else {
        throw corrupt(line.number, "has \(words.count) columns, the first line \(header.count)")
      }
      let lengths = try columns.map { column in
        guard let length = Int(words[column]), (1...Self.longest).contains(length) else {
          throw corrupt(
            line.number, "\(header[column]) is '\(words[column].prefix(40))', and is a number from 1 upwards")
        }
        return length
      }
      rows.append(Row(promptTokens: lengths[0], outputTokens: lengths[1]))
      let time = timeColumn.flatMap { TraceTime(words[$0]) }
      times.append(time)
      if let time { earliest = min(earliest ?? time, time) }
    }
    guard !rows.isEmpty else { throw corrupt(first.number, "a header and no row after it") }
    if let earliest {
      for place in rows.indices { rows[place].seconds = times[place]?.seconds(since: earliest) }
    }
    self.rows = rows
  }

  /// More tokens than any model's context; a larger number is a slip.
  private static let longest = 1 << 30
}
