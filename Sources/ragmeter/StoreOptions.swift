import Embedders
import Foundation
import ModelFiles
import VectorStores

/// What the verbs that use a store read alike.
enum StoreOptions {
  struct NamedEmbedder {
    var name: String
    var embedder: any Embedder

    var documents: ([String]) throws -> CollectionFiller.TextVectors {
      { texts in
        let batch = try embedder.embed(texts, as: .document)
        return .init(
          dimension: batch.dimension, values: batch.values, truncated: batch.truncatedTokens.count { $0 > 0 })
      }
    }

    var query: (String) throws -> [Float] { { try embedder.embed([$0], as: .query).values } }
  }

  static func required(_ option: String, _ what: String, _ arguments: Arguments) throws -> String {
    guard let value = arguments.value(option) else { throw UsageError("needs \(option) \(what)") }
    return value
  }

  /// The embedder of `--embedder`, or else the one that the collection was filled with; nil where neither says.
  ///
  /// - Throws: `UsageError` for one that gives vectors of another dimension than the collection has.
  static func embedder(_ arguments: Arguments, of collection: CollectionSchema?) throws -> NamedEmbedder? {
    guard let name = arguments.value("--embedder") ?? collection?.properties["embedder"] else { return nil }
    let made: any Embedder
    do {
      made = try EmbedderFactory.make(
        EmbedderSpecification(parsing: name),
        models: ModelLibrary(environment: ProcessInfo.processInfo.environment),
        threads: ProcessInfo.processInfo.activeProcessorCount)
    } catch let error as EmbedderError {
      throw UsageError("--embedder \(name): \(error)")
    }
    if let collection, collection.dimension != made.dimension {
      throw UsageError(
        "--embedder \(name) gives vectors of dimension \(made.dimension), and collection '\(collection.name)' has "
          + "\(collection.dimension)"
          + (collection.properties["embedder"].map { "; it was filled with \($0)" } ?? ""))
    }
    return NamedEmbedder(name: name, embedder: made)
  }
}
