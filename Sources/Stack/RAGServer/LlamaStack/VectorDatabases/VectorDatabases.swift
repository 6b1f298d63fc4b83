internal import Embedders
internal import JSON
internal import Synchronization
internal import VectorStores

/// The vector databases that clients have registered.
///
/// What they are is written with their collections where the store keeps it, so that a server that starts again on such a store
/// knows them; on others a client registers its database again, and finds its rows.
final class VectorDatabases: Sendable {
  private let providers: [StackOptions.VectorProvider]
  private let models: [StackOptions.EmbeddingModel]
  private let databases = Mutex<[String: VectorDatabase]>([:])

  private static let idProperty = "vector_db"
  private static let modelProperty = "embedding_model"

  /// - Throws: what the stores throw, and `APIError` for a database of the configuration that cannot be.
  init(_ options: StackOptions) throws {
    providers = options.vectorProviders
    models = options.embeddings
    for provider in providers {
      for found in try provider.store.collections() {
        let properties = found.schema.properties
        guard let id = properties[Self.idProperty],
          let model = models.first(where: { $0.id == properties[Self.modelProperty] }),
          model.embedder.dimension == found.schema.dimension
        else { continue }
        put(
          VectorDatabase(
            id: id, provider: provider.provider, store: provider.store, collection: found.schema, model: model))
      }
    }
    for database in options.databases {
      _ = try register(
        id: database.id, model: database.embeddingModel, dimension: nil, provider: database.provider)
    }
  }

  /// In the order of their names.
  var all: [VectorDatabase] { databases.withLock { $0.values.sorted { $0.id < $1.id } } }

  /// - Throws: `APIError` if there is none of that name.
  func named(_ id: String) throws(APIError) -> VectorDatabase {
    guard let database = databases.withLock({ $0[id] }) else {
      let known = all.prefix(10).map(\.id).joined(separator: ", ")
      throw .badRequest(
        "No vector database is called '\(id)'; \(known.isEmpty ? "register one first" : "there are \(known)").")
    }
    return database
  }

  /// Makes a database, or finds the one that is there. Blocks while the store does; callers come one after the other.
  ///
  /// - Throws: `APIError` for a model or a provider that is not there, a dimension that is not the model's, and a database of that
  ///   name that is something else; what the store throws.
  func register(id: String, model: String, dimension: Int?, provider: String?) throws -> VectorDatabase {
    guard !id.isEmpty else { throw APIError.badRequest("vector_db_id is empty; give the database a name.") }
    let model = try self.model(model)
    let provider = try self.provider(provider)
    if let dimension, dimension != model.embedder.dimension {
      throw APIError.badRequest(
        "embedding_dimension is \(dimension), and '\(model.id)' makes vectors of \(model.embedder.dimension).")
    }
    if let present = databases.withLock({ $0[id] }) {
      guard present.model.id == model.id, present.provider == provider.provider else {
        throw APIError.badRequest(
          "A vector database called '\(id)' is there already, of '\(present.model.id)' at '\(present.provider.id)'; "
            + "unregister it first, or choose another name.")
      }
      return present
    }
    let schema = CollectionSchema(
      name: VectorDatabase.collectionName(id), dimension: model.embedder.dimension,
      metric: model.embedder.isNormalized ? .ip : .cosine, keyType: .string, index: provider.index,
      properties: [
        Self.idProperty: id, Self.modelProperty: model.id, "embedder": model.embedder.name,
      ])
    let database = VectorDatabase(
      id: id, provider: provider.provider, store: provider.store, collection: try collection(schema, provider.store),
      model: model)
    put(database)
    return database
  }

  /// A collection of that name that is there already is the database's own if it has the same shape.
  private func collection(_ schema: CollectionSchema, _ store: any VectorStore) throws -> CollectionSchema {
    do {
      try store.create(schema)
      return schema
    } catch VectorStoreError.collectionExists {
      guard let present = try store.collections().first(where: { $0.schema.name == schema.name })?.schema,
        present.dimension == schema.dimension, present.metric == schema.metric, present.keyType == .string,
        present.properties["embedder"].map({ $0 == schema.properties["embedder"] }) ?? true
      else {
        throw APIError.badRequest(
          "The store has a collection '\(schema.name)' of another dimension, metric or embedder already; drop it, or choose "
            + "another name.")
      }
      return present
    }
  }

  /// Forgets a database and drops its rows.
  func unregister(_ id: String) throws {
    let database = try named(id)
    try database.store.drop(collection: database.collection.name)
    databases.withLock { $0[id] = nil }
  }

  private func put(_ database: VectorDatabase) { databases.withLock { $0[database.id] = database } }

  func model(_ id: String) throws(APIError) -> StackOptions.EmbeddingModel {
    guard let model = models.first(where: { $0.id == id || $0.aliases.contains(id) }) else {
      let known = models.map(\.id).joined(separator: ", ")
      throw .badRequest(
        "No embedding model is called '\(id)'; "
          + (known.isEmpty ? "start the server with --embedder." : "there is \(known)."))
    }
    return model
  }

  private func provider(_ id: String?) throws(APIError) -> StackOptions.VectorProvider {
    let known = providers.map(\.provider.id)
    guard let id else {
      guard let only = providers.first else { throw .badRequest("This server keeps no vector databases.") }
      return only
    }
    guard let provider = providers.first(where: { $0.provider.id == id }) else {
      throw .badRequest("No provider of vector databases is called '\(id)'; there is \(known.joined(separator: ", ")).")
    }
    return provider
  }
}
