internal import Checksums
package import Datasets
internal import Documents
internal import Embedders
internal import Files
internal import Foundation
internal import ModelFiles

/// Makes sets of vectors from corpora of the catalogue: reads, cuts, embeds.
package struct TextDerivation: VectorDerivation {
  /// Texts between two notes of how far it has come.
  private static let slice = 2048

  private let catalog: Catalog
  private let library: DatasetLibrary
  private let environment: [String: String]
  private let threads: Int

  /// - Parameters:
  ///   - environment: `RAGMETER_MODELS` says where models are kept.
  ///   - threads: that the embedder may keep busy.
  package init(catalog: Catalog, library: DatasetLibrary, environment: [String: String], threads: Int) {
    self.catalog = catalog
    self.library = library
    self.environment = environment
    self.threads = threads
  }

  package var version: Int { 1 }

  package func append(to file: DerivedVectorFile, of entry: CatalogEntry, progress: FetchProgress?) throws {
    let recipe = file.provenance.recipe
    guard let source = catalog.corpus(recipe.corpus), let base = entry.base else {
      throw DataError.invalid("'\(entry.name)' is made of '\(recipe.corpus)', which the catalogue does not know")
    }
    let models = try ModelLibrary(environment: environment)
    let corpus = try DatasetLoader(catalog: catalog, library: library).corpus(source, progress: progress)
    let chunker = try ChunkerFactory.make(ChunkerSpecification(parsing: recipe.chunker)) { name in
      try TokenizerReader.read(models.folder(name))
    }
    let texts = corpus.documents.flatMap { chunker.chunks(of: $0.text).map(\.text) }
    guard texts.count == base.count else {
      throw DataError.unavailable(
        name: entry.name,
        reason:
          "'\(corpus.name)' cut by '\(recipe.chunker)' gives \(texts.count) texts, and the catalogue says \(base.count)"
      )
    }
    let specification = try EmbedderSpecification(parsing: recipe.embedder)
    let embedder = try EmbedderFactory.make(specification, models: models, threads: threads)
    guard embedder.dimension == entry.dimension else {
      throw DataError.invalid(
        "'\(recipe.embedder)' makes vectors of \(embedder.dimension), and the catalogue says \(entry.dimension)")
    }
    try file.begin(sources: try sources(texts, specification, models))
    let label = "\(entry.name)/\(base.file)"
    func report() {
      let row = entry.dimension * MemoryLayout<Float>.size
      progress?(FetchStatus(file: label, received: file.rows * row, total: texts.count * row, activity: .embedding))
    }
    report()
    while file.rows < texts.count {
      let next = Array(texts[file.rows..<min(file.rows + Self.slice, texts.count)])
      let batch = try embedder.embed(next, as: .document)
      try file.append(batch.values, truncatedTokens: batch.truncatedTokens)
      report()
    }
  }

  /// SHA-256 of the texts, in their order, and of the weights where the embedder has some.
  private func sources(_ texts: [String], _ embedder: EmbedderSpecification, _ models: ModelLibrary) throws -> [String:
    String]
  {
    var hash = SHA256()
    for text in texts {
      hash.update("\(text.utf8.count) ")
      hash.update(text)
    }
    var sources = ["texts": hash.hex()]
    guard !["hashing", "openai"].contains(embedder.kind) else { return sources }
    let weights = try models.folder(embedder.kind).file("model.safetensors")
    sources["model.safetensors"] = try FileBytes(path: weights, inflating: false).sha256
    return sources
  }
}

extension DatasetLoader {
  /// The project's catalogue, and the folders that `RAGMETER_CACHE`, `RAGMETER_MIRROR` and `RAGMETER_MODELS` name; sets that
  /// are made of texts are made where they are missing.
  ///
  /// - Parameter threads: that an embedder may keep busy.
  package static func deriving(environment: [String: String], threads: Int) throws -> DatasetLoader {
    let plain = try standard(environment: environment)
    var library = plain.library
    library.derivation = TextDerivation(
      catalog: plain.catalog, library: plain.library, environment: environment, threads: threads)
    return DatasetLoader(catalog: plain.catalog, library: library)
  }
}
