package import Documents
package import Embedders

/// Corpora, chunkers and embedders of a run, each made once however many sections name it.
package final class TextStages {
  private var corpora: [CorpusChoice: Corpus] = [:]

  package init() {}

  package func corpus(_ choice: CorpusChoice) throws -> Corpus {
    if let known = corpora[choice] { return known }
    var options = LoadingOptions()
    if let glob = choice.glob { options.glob = glob }
    var corpus =
      choice.source.split(separator: ":").first.map(String.init) == SyntheticText.prefix
      ? try SyntheticText(parsing: choice.source).corpus()
      : try CorpusLoader.load(path: choice.source, format: choice.format, options: options)
    if let alias = choice.alias { corpus.name = alias }
    if let limit = choice.questions { corpus.questions = Array(corpus.questions.prefix(limit)) }
    corpora[choice] = corpus
    return corpus
  }

  package func chunker(_ specification: ChunkerSpecification) throws -> any Chunker {
    try ChunkerFactory.make(specification) { name in
      throw EngineError("no model is called '\(name)'")
    }
  }

  package func embedder(_ specification: EmbedderSpecification, threads: Int) throws -> any Embedder {
    throw EngineError("no embedder is called '\(specification.kind)'")
  }
}
