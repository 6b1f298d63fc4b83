extension CorpusLoader {
  /// One JSON object a line. A document without an id is called by the number of its line.
  static func jsonLines(_ path: String, name: String, options: LoadingOptions) throws -> Corpus {
    let lines = try JSONLines(path: path)
    var builder = CorpusBuilder(source: path)
    try lines.forEach(as: JSONDocument.self, configuration: options.fields) { line in
      try builder.add(
        Document(
          id: line.object.id ?? "\(line.number)", title: line.object.title, text: line.object.text, source: path,
          metadata: line.object.metadata, repairs: line.repairs),
        at: "line \(line.number)")
    }
    return builder.corpus(name: name)
  }
}
