package import Datasets
package import Documents
package import Embedders
internal import Files
internal import ModelFiles
internal import Spelling

/// Corpora, chunkers and embedders of a run, each made once however many sections name it.
package final class TextStages {
  private struct EmbedderKey: Hashable {
    var specification: EmbedderSpecification
    var threads: Int
  }

  private let loader: DatasetLoader
  private let environment: [String: String]
  private let progress: FetchProgress
  private var corpora: [CorpusChoice: Corpus] = [:]
  private var embedders: [EmbedderKey: any Embedder] = [:]

  package init(loader: DatasetLoader, environment: [String: String], progress: @escaping FetchProgress) {
    self.loader = loader
    self.environment = environment
    self.progress = progress
  }

  package func corpus(_ choice: CorpusChoice) throws -> Corpus {
    if let known = corpora[choice] { return known }
    var corpus = try load(choice)
    if let alias = choice.alias { corpus.name = alias }
    if let file = choice.questionFile { corpus = try corpus.asking(questionsAt: ProjectFile.path(file)) }
    if let limit = choice.questions { corpus.questions = Array(corpus.questions.prefix(limit)) }
    corpora[choice] = corpus
    return corpus
  }

  /// - Throws: `EngineError` for a name that is neither the catalogue's nor a path's, and for a key that a corpus of the
  ///   catalogue says itself.
  private func load(_ choice: CorpusChoice) throws -> Corpus {
    if choice.source.split(separator: ":").first.map(String.init) == SyntheticText.prefix {
      return try SyntheticText(parsing: choice.source).corpus()
    }
    if let entry = loader.catalog.corpus(choice.source) {
      guard choice.format == nil, choice.glob == nil else {
        throw EngineError("corpus \(entry.name) is of the catalogue, which says its format and files; leave them out")
      }
      return try loader.corpus(entry, progress: progress)
    }
    guard choice.source.contains("/") || choice.source.contains(".") else {
      let hint = Spelling.hint(for: choice.source, among: loader.catalog.corpora.map(\.name))
      throw EngineError("no corpus is called '\(choice.source)', and a path has a slash or a dot; \(hint)")
    }
    var options = LoadingOptions()
    if let glob = choice.glob { options.glob = glob }
    return try CorpusLoader.load(path: choice.source, format: choice.format, options: options)
  }

  package func chunker(_ specification: ChunkerSpecification) throws -> any Chunker {
    try ChunkerFactory.make(specification) { name in
      try TokenizerReader.read(ModelLibrary(environment: environment).folder(name))
    }
  }

  package func embedder(_ specification: EmbedderSpecification, threads: Int) throws -> any Embedder {
    let key = EmbedderKey(specification: specification, threads: threads)
    if let known = embedders[key] { return known }
    let made = try EmbedderFactory.make(
      specification, models: ModelLibrary(environment: environment), threads: threads)
    embedders[key] = made
    return made
  }
}
