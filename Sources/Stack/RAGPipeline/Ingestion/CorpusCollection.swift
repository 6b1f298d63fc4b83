internal import Checksums
public import Documents
public import Embedders
internal import Files
public import VectorIndexes
public import VectorStores

/// A collection of an embedded store that is made of documents once, and again when they, the chunker or the embedder are
/// others.
public struct CorpusCollection: Sendable {
  public var name: String
  public var index: IndexSpecification
  /// As it was specified.
  public var chunker: String
  /// As it was specified.
  public var embedder: String

  /// - Parameters:
  ///   - chunker, embedder: the words that specify them, by which a later call knows whether they are the same.
  public init(name: String, index: IndexSpecification, chunker: String, embedder: String) {
    self.name = name
    self.index = index
    self.chunker = chunker
    self.embedder = embedder
  }

  /// The store with the collection as it is to be; nothing else can be written to it.
  ///
  /// - Parameters:
  ///   - path: of the store's file, which holds nothing else that is of worth.
  ///   - remaking: told before the collection is filled, which takes as long as embedding does.
  /// - Throws: `VectorStoreError` if the store cannot be used; what embedding throws.
  public func open(
    at path: String, documents: [Document], chunker: any Chunker, embedder: any Embedder,
    remaking: () -> Void = {}
  ) throws -> EmbeddedStore {
    let rows = documents.map { chunker.chunks(of: $0.text).count }.reduce(0, +)
    let contents = contents(documents)
    if Folder.isReadable(path) {
      let store = try EmbeddedStore(path: path, access: .readOnly)
      // A process that was killed while it filled the collection leaves fewer rows.
      if let present = try store.collections().first(where: { $0.schema.name == name }), present.rows == rows,
        present.indexedRows == rows, present.schema.properties[Self.contentsKey] == contents
      {
        return store
      }
      try store.close()
    }
    remaking()
    let store = try EmbeddedStore(path: path)
    if try store.collections().contains(where: { $0.schema.name == name }) { try store.drop(collection: name) }
    var ingestion = try Ingestion(
      chunker: chunker, embedder: embedder, store: store,
      schema: CollectionSchema(
        name: name, dimension: embedder.dimension, metric: embedder.isNormalized ? .ip : .cosine, keyType: .string,
        index: index, properties: ["embedder": self.embedder, Self.contentsKey: contents]))
    try ingestion.add(documents)
    try ingestion.finish()
    try store.close()
    return try EmbeddedStore(path: path, access: .readOnly)
  }

  private static let contentsKey = "contents"

  /// A digest of all that the rows are made of.
  private func contents(_ documents: [Document]) -> String {
    var digest = SHA256()
    func add(_ text: String) {
      digest.update("\(text.utf8.count):")
      digest.update(text)
    }
    for text in [chunker, embedder, index.kind] { add(text) }
    for (name, value) in index.parameters.sorted(by: { $0.key < $1.key }) { add("\(name)=\(value)") }
    for document in documents {
      for text in [document.id, document.title ?? "", document.text, document.source] { add(text) }
      for (name, value) in document.metadata.sorted(by: { $0.key < $1.key }) { add("\(name)=\(value)") }
    }
    return digest.hex()
  }
}
