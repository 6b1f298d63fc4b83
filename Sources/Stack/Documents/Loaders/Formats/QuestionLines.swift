internal import Files

/// Questions of some documents, one object a line: `id`, `question`, `answers`, the `passages` that answer it, which are ids of
/// documents, and `evidence`, quotes that stand exactly once in their passage.
struct QuestionLines {
  private let lines: JSONLines

  /// - Throws: `DataError` if the file cannot be read.
  init(path: String) throws { lines = try JSONLines(path: path) }

  /// Calls `body` for every question, with its place in the file for a message.
  ///
  /// - Parameter texts: of the documents, by id.
  /// - Throws: `DataError.corrupt` with the line at fault, and what `body` throws.
  func forEach(of texts: [String: String], _ body: (Question, _ place: String) throws -> Void) throws {
    try lines.forEach(as: QuestionLine.self) { line in
      let asked = line.object
      let quotes = asked.evidence ?? []
      if let stray = (asked.passages + quotes.map(\.passage)).first(where: { texts[$0] == nil }) {
        throw lines.corrupt(line: line.number, "no passage is called '\(stray)'")
      }
      let question = Question(
        id: asked.id, text: asked.question, answers: asked.answers,
        judgements: Dictionary(asked.passages.map { ($0, 1) }, uniquingKeysWith: max),
        evidence: try quotes.map { quoted in
          guard let range = (texts[quoted.passage] ?? "").onlyRange(of: quoted.quote) else {
            throw lines.corrupt(
              line: line.number, "the quote '\(quoted.quote)' does not stand exactly once in '\(quoted.passage)'")
          }
          return Evidence(document: quoted.passage, range: range)
        })
      try body(question, "\(lines.path), line \(line.number)")
    }
  }
}

extension Corpus {
  /// The same documents under the questions of a file of JSON lines, `{"id", "question", "answers", "passages", "evidence"}`:
  /// `passages` are ids of documents, `evidence` quotes of them, or left out.
  ///
  /// - Throws: `DataError` with the line at fault.
  public func asking(questionsAt path: String) throws -> Corpus {
    var builder = CorpusBuilder(source: path)
    try QuestionLines(path: path).forEach(
      of: Dictionary(documents.map { ($0.id, $0.text) }, uniquingKeysWith: { first, _ in first })
    ) { try builder.add($0, at: $1) }
    var corpus = self
    corpus.questions = builder.corpus(name: name).questions
    return corpus
  }
}

private struct QuestionLine: Decodable {
  var id: String
  var question: String
  var answers: [String]
  var passages: [String]
  var evidence: [Quote]?

  struct Quote: Decodable {
    var passage: String
    var quote: String
  }
}

extension String {
  /// Where a text stands, in UTF-8 bytes; nil if it is empty, or stands nowhere or more than once.
  fileprivate func onlyRange(of quote: String) -> Range<Int>? {
    let pattern = Array(quote.utf8)
    guard !pattern.isEmpty else { return nil }
    return withTextBytes { bytes in
      guard let start = bytes.firstOccurrence(of: pattern, in: 0..<bytes.count),
        bytes.firstOccurrence(of: pattern, in: start + 1..<bytes.count) == nil
      else { return nil }
      return start..<start + pattern.count
    }
  }
}
