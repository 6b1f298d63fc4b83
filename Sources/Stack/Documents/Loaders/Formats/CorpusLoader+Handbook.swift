internal import Files

extension CorpusLoader {
  /// A folder of passages in Markdown, `passages/ID.md`, and `questions.jsonl`: one object a line with `id`, `question`,
  /// `answers`, the `passages` that answer it, and `evidence`, quotes that stand exactly once in their passage.
  static func handbook(_ folder: String, name: String, options: LoadingOptions) throws -> Corpus {
    let passages = "\(folder)/passages"
    let pattern = try GlobPattern("*.md")
    let reader = DocumentReader(options: options)
    var builder = CorpusBuilder(source: folder)
    var texts: [String: String] = [:]
    for file in try FolderListing.files(below: passages).filter(pattern.matches) {
      let source = "\(passages)/\(file)"
      let content = try FileBytes(path: source)
      let result = try reader.read(content.bytes, format: .markdown, id: String(file.dropLast(3)), source: source)
      try builder.add(result.document, at: source)
      for warning in result.warnings { builder.warn("\(source): \(warning)") }
      texts[result.document.id] = result.document.text
      withExtendedLifetime(content) {}
    }
    let lines = try JSONLines(path: "\(folder)/questions.jsonl")
    try lines.forEach(as: HandbookQuestion.self) { line in
      let asked = line.object
      if let stray = (asked.passages + asked.evidence.map(\.passage)).first(where: { texts[$0] == nil }) {
        throw lines.corrupt(line: line.number, "no passage is called '\(stray)'")
      }
      try builder.add(
        Question(
          id: asked.id, text: asked.question, answers: asked.answers,
          judgements: Dictionary(asked.passages.map { ($0, 1) }, uniquingKeysWith: max),
          evidence: try asked.evidence.map { quoted in
            guard let range = (texts[quoted.passage] ?? "").onlyRange(of: quoted.quote) else {
              throw lines.corrupt(
                line: line.number, "the quote '\(quoted.quote)' does not stand exactly once in '\(quoted.passage)'")
            }
            return Evidence(document: quoted.passage, range: range)
          }),
        at: "\(lines.path), line \(line.number)")
    }
    return builder.corpus(name: name)
  }
}

private struct HandbookQuestion: Decodable {
  var id: String
  var question: String
  var answers: [String]
  var passages: [String]
  var evidence: [Quote]

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
