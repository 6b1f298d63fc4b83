internal import Files

extension CorpusLoader {
  /// A folder as the BEIR benchmark publishes them (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, and judgements in
  /// `qrels/SPLIT.tsv`, three columns under a header. Only questions that the split judges are kept.
  static func beir(_ folder: String, name: String, options: LoadingOptions) throws -> Corpus {
    let documents = try jsonFile("corpus", in: folder)
    var builder = CorpusBuilder(source: documents.path)
    let fields = JSONFields(id: "_id")
    try documents.forEach(as: JSONDocument.self, configuration: fields) { line in
      guard let id = line.object.id else { throw documents.corrupt(line: line.number, "the field '_id' is missing") }
      let title = line.object.title.flatMap { $0.isEmpty ? nil : $0 }
      try builder.add(
        Document(
          id: id, title: title, text: line.object.text, source: documents.path, metadata: line.object.metadata,
          repairs: line.repairs),
        at: "line \(line.number)")
    }
    let judgements = try Judgements(path: "\(folder)/qrels/\(options.split).tsv")
    let queries = try jsonFile("queries", in: folder)
    var unjudged = judgements.grades
    try queries.forEach(as: JSONDocument.self, configuration: fields) { line in
      guard let id = line.object.id else { throw queries.corrupt(line: line.number, "the field '_id' is missing") }
      guard let grades = unjudged.removeValue(forKey: id) else { return }
      try builder.add(
        Question(id: id, text: line.object.text, judgements: grades), at: "\(queries.path), line \(line.number)")
    }
    if !unjudged.isEmpty {
      builder.warn(
        "\(unjudged.count) judged queries are not in queries.jsonl: \(CorpusBuilder.list(unjudged.keys.sorted()))")
    }
    let missing = Set(judgements.grades.values.flatMap(\.keys)).filter { !builder.has(document: $0) }
    if !missing.isEmpty {
      builder.warn("\(missing.count) judged documents are not in the corpus: \(CorpusBuilder.list(missing.sorted()))")
    }
    return builder.corpus(name: name)
  }

  /// Plain, or as it is published, compressed.
  private static func jsonFile(_ name: String, in folder: String) throws -> JSONLines {
    let plain = "\(folder)/\(name).jsonl"
    return try JSONLines(path: Folder.isReadable(plain) || !Folder.isReadable("\(plain).gz") ? plain : "\(plain).gz")
  }

  private struct Judgements {
    /// Query → document → grade.
    var grades: [String: [String: Int]] = [:]

    init(path: String) throws {
      let lines = try FileBytes(path: path).text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (index, line) in lines.enumerated() where !line.isEmpty {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 3, let grade = Int(fields[2]) else {
          // The header is the one line whose grade is a word.
          if index == 0, fields.count == 3 { continue }
          throw DataError.corrupt(
            path: path, at: "line \(index + 1)", reason: "must hold query-id, corpus-id and an integer, tab between")
        }
        grades[fields[0], default: [:]][fields[1]] = grade
      }
    }
  }
}
