import Datasets
import Documents
import Embedders
import Files
import Foundation
import Instrumentation
import ModelFiles
import RAGPipeline
import VectorIndexes
import VectorStores

/// Where `ask` finds passages: a collection of a store, or the handbook.
struct AskSources {
  static let handbook = "datasets/handbook"

  let retriever: any Retriever
  private let store: any VectorStore

  init(_ arguments: Arguments) throws {
    guard arguments.value("--store") != nil else {
      for option in ["--collection", "--embedder"] where arguments.value(option) != nil {
        throw UsageError("\(option) goes with --store; without it, the handbook is asked")
      }
      let (store, embedder) = try Self.openHandbook()
      self.store = store
      retriever = try StoreRetriever(
        embedder: embedder, store: store, collection: Self.collection.name, parameters: Self.parameters(arguments),
        now: MonotonicClock.now)
      return
    }
    store = try StoreOptions.open(AskVerb.name, arguments, access: .readOnly)
    let collection = try Self.collectionName(arguments, in: store)
    if let store = store as? any TextSearchStore {
      retriever = try TextSearchRetriever(store: store, collection: collection, now: MonotonicClock.now)
      return
    }
    let schema = try StoreOptions.schema(of: collection, in: store)
    if let store = store as? any TextSearchStore {
      retriever = try TextSearchRetriever(store: store, collection: collection, now: MonotonicClock.now)
      return
    }
    guard let embedder = try StoreOptions.embedder(arguments, of: schema) else {
      throw UsageError(
        "collection '\(collection)' does not say which embedder its vectors are of; name it with --embedder")
    }
    retriever = try StoreRetriever(
      embedder: embedder.embedder, store: store, collection: collection, parameters: Self.parameters(arguments),
      now: MonotonicClock.now)
  }

  /// Nothing is lost by a store that cannot be closed any more: nothing was written.
  func close() { try? store.close() }

  private static func parameters(_ arguments: Arguments) throws -> SearchParameters {
    SearchParameters(
      ef: try arguments.integer("--ef", in: 1...1_000_000, default: 0),
      nprobe: try arguments.integer("--nprobe", in: 1...1_000_000, default: 0))
  }

  private static func collectionName(_ arguments: Arguments, in store: any VectorStore) throws -> String {
    if let name = arguments.value("--collection") { return name }
    let present = try store.collections().map(\.schema.name)
    guard present.count == 1 else {
      throw UsageError(
        "needs --collection NAME; the store has \(present.isEmpty ? "none yet" : present.joined(separator: ", "))")
    }
    return present[0]
  }

  // MARK: - The handbook

  /// Exact search of what is no more than some hundred chunks, of the size that 'insert' cuts, at the texts' headings.
  private static let collection = CorpusCollection(
    name: "handbook", index: IndexSpecification(kind: "flat"), chunker: "markdown:size=512,overlap=51",
    embedder: "minilm")

  private static func openHandbook() throws -> (any VectorStore, any Embedder) {
    let environment = ProcessInfo.processInfo.environment
    let library = try ModelLibrary(environment: environment)
    _ = try DownloadBar.fetching(collection.embedder, from: library)
    let embedder = try StoreOptions.embedder(collection.embedder).embedder
    let folder = try ProjectFile.path(handbook)
    let cache = "\(try DatasetLibrary(environment: environment).cache)/collections"
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    let chunker = try ChunkerFactory.make(ChunkerSpecification(parsing: collection.chunker)) { model in
      try TokenizerReader.read(library.folder(model))
    }
    let corpus = try CorpusLoader.load(path: folder)
    let store = try collection.open(
      at: "\(cache)/handbook.store", documents: corpus.documents, chunker: chunker, embedder: embedder
    ) { complain("ask: embedding the handbook, once: \(corpus.documents.count) documents") }
    return (store, embedder)
  }
}
