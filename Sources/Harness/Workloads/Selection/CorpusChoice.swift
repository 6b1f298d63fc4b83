package import Documents
package import Experiments
internal import YAML

/// A corpus by name or path, and how much of it is used.
package struct CorpusChoice: Sendable, Hashable {
  /// A name of the catalogue, or a path.
  package var source: String
  /// How a path is read; nil where the catalogue or the path tells.
  package var format: CorpusFormat?
  /// Which files of a folder are documents; nil for all.
  package var glob: String?
  /// The first questions only; nil for all.
  package var questions: Int?
  /// A file with the questions, for documents that come without; a path from the folder of the project or the current one.
  package var questionFile: String?
  /// What ids and tables call it; nil for the source's own name.
  package var alias: String?

  package init(
    source: String, format: CorpusFormat? = nil, glob: String? = nil, questions: Int? = nil,
    questionFile: String? = nil, alias: String? = nil
  ) {
    self.source = source
    self.format = format
    self.glob = glob
    self.questions = questions
    self.questionFile = questionFile
    self.alias = alias
  }

  /// The entries of a section's `corpora`, each a word or a mapping `name:`, `as:`, `format:`, `glob:`, `questions:`,
  /// `question_file:`. The section's own `questions` holds for entries that say nothing else.
  package static func read(_ section: SpecReader) -> [CorpusChoice] {
    let common = questions(section)
    let elements = section.elements("corpora")
    if elements.isEmpty { section.report("says no 'corpora', such as [handbook]") }
    return elements.compactMap { element in
      guard element.node.mapping != nil else {
        guard let source = element.node.string else {
          element.report("must be a corpus's name or path, not \(element.node.kind)")
          return nil
        }
        return CorpusChoice(source: source, questions: common)
      }
      let reader = element.reader
      let source = reader.optionalText("name")
      if !reader.has("name") { reader.report("says no 'name' of a corpus, nor a path") }
      let choice = CorpusChoice(
        source: source ?? "", format: reader.has("format") ? reader.choice("format", default: .file) : nil,
        glob: reader.optionalText("glob"), questions: questions(reader) ?? common,
        questionFile: reader.optionalText("question_file"), alias: reader.optionalText("as"))
      if choice.alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
      reader.finish()
      return choice
    }
  }

  private static func questions(_ reader: SpecReader) -> Int? {
    reader.has("questions") ? reader.integer("questions", in: 1...10_000_000, default: 1) : nil
  }
}
