import Embedders
import Foundation
import ModelFiles
import VectorStores

/// What the verbs that use a store read alike.
enum StoreOptions {
  struct NamedEmbedder {
    var name: String
    var embedder: any Embedder

    var query: (String) throws -> [Float] { { try embedder.embed([$0], as: .query).values } }
  }

  /// How usages explain `--store`.
  static let usage = """
      --store SPEC        the path of an embedded store, which ends in .store or holds a slash, or another: milvus:url=URL,
                          zilliz, milvus-lite:path=FILE, llama-stack:url=URL, sqlite-vec:path=FILE, pgvector:url=URL; keys and
                          tokens are read from the environment, never from here
      --collection C      of the store
    """

  static func required(_ option: String, _ what: String, _ arguments: Arguments) throws -> String {
    guard let value = arguments.value(option) else { throw UsageError("needs \(option) \(what)") }
    return value
  }

  /// The store of `--store`; what it notices is told on standard error.
  ///
  /// - Throws: `UsageError` for a word that names none.
  static func open(
    _ verb: String, _ arguments: Arguments, access: EmbeddedStore.Access
  ) throws -> any VectorStore {
    let word = try required("--store", "SPEC, such as docs.store or milvus:url=http://127.0.0.1:19530", arguments)
    do {
      return try StoreFactory.open(
        StoreSpecification(parsing: word), environment: ProcessInfo.processInfo.environment, access: access
      ) { complain("\(verb): \($0)") }
    } catch VectorStoreError.invalidArgument(let sentence) {
      throw UsageError("--store \(word): \(sentence)")
    }
  }

  /// - Throws: `VectorStoreError` with the collections that there are, if it is not among them.
  static func schema(of collection: String, in store: any VectorStore) throws -> CollectionSchema {
    let present = try store.collections()
    guard let schema = present.first(where: { $0.schema.name == collection })?.schema else {
      throw VectorStoreError.noSuchCollection(collection, known: present.map(\.schema.name))
    }
    return schema
  }

  /// The embedder of `--embedder`, or else the one that the collection was filled with; nil where neither says. Another than
  /// that is told of: its vectors may lie elsewhere, though they have the same dimension.
  ///
  /// - Throws: `UsageError` for one that gives vectors of another dimension than the collection has.
  static func embedder(_ arguments: Arguments, of collection: CollectionSchema?) throws -> NamedEmbedder? {
    guard let name = arguments.value("--embedder") ?? collection?.properties["embedder"] else { return nil }
    let made = try embedder(name)
    if let collection, collection.dimension != made.embedder.dimension {
      throw UsageError(
        "--embedder \(name) gives vectors of dimension \(made.embedder.dimension), and collection "
          + "'\(collection.name)' has \(collection.dimension)"
          + (collection.properties["embedder"].map { "; it was filled with \($0)" } ?? ""))
    }
    if let first = collection?.properties["embedder"], first != name {
      complain("collection '\(collection?.name ?? "")' was filled with \(first), and \(name) is to embed now")
    }
    return made
  }

  /// - Throws: `UsageError` for a word that names none.
  static func embedder(_ name: String) throws -> NamedEmbedder {
    do {
      let made = try EmbedderFactory.make(
        EmbedderSpecification(parsing: name),
        models: ModelLibrary(environment: ProcessInfo.processInfo.environment),
        threads: ProcessInfo.processInfo.activeProcessorCount)
      return NamedEmbedder(name: name, embedder: made)
    } catch let error as EmbedderError {
      throw UsageError("--embedder \(name): \(error)")
    }
  }
}
