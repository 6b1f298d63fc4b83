internal import Documents
internal import Experiments
internal import YAML

/// Some documents of a corpus, of which nothing is asked.
package struct CorpusExtract: Sendable, Hashable {
  package var corpus: CorpusChoice
  /// Evenly spread over the corpus; nil for all.
  package var documents: Int?

  package init(corpus: CorpusChoice, documents: Int? = nil) {
    self.corpus = corpus
    self.documents = documents
  }

  var name: String { corpus.alias ?? corpus.source.split(separator: "/").last.map(String.init) ?? corpus.source }

  /// "wordnet:10000".
  var label: String { documents.map { "\(name):\($0)" } ?? name }

  /// A corpus by name or path, or a mapping `name:`, `documents:`, `format:`, `glob:`, `as:`; nil, with the mistake reported,
  /// where it is neither.
  static func read(_ element: SpecElement) -> CorpusExtract? {
    guard element.node.mapping != nil else {
      guard let source = element.node.string else {
        element.report("must be a corpus's name or path, not \(element.node.kind)")
        return nil
      }
      return CorpusExtract(corpus: CorpusChoice(source: source))
    }
    let reader = element.reader
    defer { reader.finish() }
    let alias = reader.optionalText("as")
    if alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
    let choice = CorpusChoice(
      source: reader.optionalText("name") ?? "",
      format: reader.has("format") ? reader.choice("format", default: CorpusFormat.file) : nil,
      glob: reader.optionalText("glob"), alias: alias)
    let documents = reader.has("documents") ? reader.integer("documents", in: 1...100_000_000, default: 1) : nil
    guard !choice.source.isEmpty else {
      if !reader.has("name") { reader.report("says no 'name' of a corpus, nor a path") }
      return nil
    }
    return CorpusExtract(corpus: choice, documents: documents)
  }

  /// The documents, under ids that no other corpus of a collection has.
  ///
  /// - Parameter prefix: of the ids: "distractor", say.
  func documents(of loaded: Corpus, prefix: String) -> [Document] {
    let all = loaded.documents
    let count = min(documents ?? all.count, all.count)
    return (0..<count).map { place in
      var document = all[place * all.count / count]
      document.id = "\(prefix)/\(name)/\(document.id)"
      return document
    }
  }
}
