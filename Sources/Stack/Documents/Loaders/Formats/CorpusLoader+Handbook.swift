internal import Files

extension CorpusLoader {
  /// A folder of passages in Markdown, `passages/ID.md`, and `questions.jsonl`: see `QuestionLines`.
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
    try QuestionLines(path: "\(folder)/questions.jsonl").forEach(of: texts) { try builder.add($0, at: $1) }
    return builder.corpus(name: name)
  }
}
