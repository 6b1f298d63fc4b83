internal import VectorIndexes

/// REST version 1, which servers have from 2.2.9 on, and the only one that 2.3 has.
///
/// It makes collections whose keys the server gives, under an index that the server chooses, and searches with bounded staleness,
/// one vector at a time. What it cannot do the legacy interface of the server's other port can.
struct MilvusV1: MilvusInterface {
  let connection: MilvusConnection
  let legacy: MilvusLegacy?

  var version: String { legacy == nil ? "REST v1" : "REST v1 and the legacy interface" }

  /// The most rows that a query or a search answers, its offset included.
  static let window = 16_384

  func names() throws -> [String] {
    let query = connection.database.map { "?dbName=\($0)" } ?? ""
    let answer = try connection.call("GET", "/v1/vector/collections\(query)")
    return (answer["data"]?.array ?? []).compactMap(\.string)
  }

  func describe(_ name: String) throws -> MilvusCollection? {
    let database = connection.database.map { "&dbName=\($0)" } ?? ""
    let answer = try connection.call(
      "GET", "/v1/vector/collections/describe?collectionName=\(name)\(database)", collection: name)
    return answer["data"].flatMap { MilvusCollection(name: name, description: $0) }
  }

  func create(_ schema: CollectionSchema, consistency: MilvusConsistency?) throws {
    let index = try MilvusIndex(schema, store: connection.name)
    if let legacy { return try legacy.create(schema, index: index, consistency: consistency) }
    func unsupported(_ what: String) -> VectorStoreError {
      .unsupported(
        name: connection.name,
        reason:
          "cannot make \(what) over REST v1 alone; name the server's other port too, as in milvus:admin=http://127.0.0.1:9091"
      )
    }
    guard schema.autoID else { throw unsupported("a collection whose rows bring their keys") }
    guard schema.index.kind == MilvusIndex.automatic else {
      throw unsupported("an index of kind '\(schema.index.kind)', but only 'auto'")
    }
    var body = connection.body(schema.name)
    body.add("dimension", schema.dimension)
    body.add("metricType", schema.metric.rawValue)
    body.add("description", MilvusCollection.note(of: schema))
    _ = try connection.call("POST", "/v1/vector/collections/create", body: body, collection: schema.name)
  }

  func drop(_ name: String) throws {
    _ = try connection.call(
      "POST", "/v1/vector/collections/drop", body: connection.body(name), collection: name)
  }

  func write(_ rows: [StoreRow], to collection: MilvusCollection, replacing: Bool) throws -> [PrimaryKey] {
    var body = connection.body(collection.schema.name)
    body.add("data", rows: rows, key: collection.keyField, vector: collection.vectorField)
    let verb = replacing ? "upsert" : "insert"
    let answer = try connection.call("POST", "/v1/vector/\(verb)", body: body, collection: collection.schema.name)
    return try (answer["data"]?["\(verb)Ids"]?.array ?? []).map {
      try connection.key($0, in: collection, "an acknowledged row")
    }
  }

  func delete(matching filter: String, from collection: MilvusCollection) throws {
    var body = connection.body(collection.schema.name)
    body.add("filter", filter)
    _ = try connection.call(
      "POST", "/v1/vector/delete", body: body, filter: filter, collection: collection.schema.name)
  }

  func query(
    _ filter: String, fields: MilvusFields, limit: Int, offset: Int, consistency: MilvusConsistency,
    in collection: MilvusCollection
  ) throws -> [StoreRow] {
    if let legacy {
      return try legacy.query(
        filter, fields: fields, limit: limit, offset: offset, consistency: consistency, in: collection)
    }
    var body = connection.body(collection.schema.name)
    body.add("filter", filter)
    // Asked for nothing it gives everything; the key comes in any case.
    let names = fields.names(in: collection)
    body.add("outputFields", names.isEmpty ? [collection.keyField] : names)
    body.add("limit", limit)
    if offset > 0 { body.add("offset", offset) }
    let answer = try connection.call(
      "POST", "/v1/vector/query", body: body, filter: filter, collection: collection.schema.name)
    return try connection.rows(answer["data"], fields: fields, in: collection)
  }

  func count(_ filter: String, consistency: MilvusConsistency, in collection: MilvusCollection) throws -> Int? {
    try legacy?.count(filter, consistency: consistency, in: collection)
  }

  func search(
    _ request: SearchRequest, fields: MilvusFields, consistency: MilvusConsistency, in collection: MilvusCollection
  ) throws -> [[SearchHit]] {
    if let legacy {
      return try legacy.search(request, fields: fields, consistency: consistency, in: collection)
    }
    let dimension = collection.schema.dimension
    return try stride(from: 0, to: request.vectors.count, by: dimension).map { start in
      var body = connection.body(collection.schema.name)
      body.add("vector", vector: request.vectors[start..<start + dimension])
      body.add("limit", request.limit)
      if let filter = request.filter { body.add("filter", filter) }
      let names = fields.names(in: collection)
      if !names.isEmpty { body.add("outputFields", names) }
      let answer = try connection.call(
        "POST", "/v1/vector/search", body: body, filter: request.filter ?? "", collection: collection.schema.name)
      return try connection.hits(answer["data"], fields: fields, in: collection)
    }
  }

  func indexedRows(of collection: MilvusCollection) throws -> Int { try legacy?.indexedRows(of: collection) ?? 0 }

  func optimize(_ collection: MilvusCollection, clock: MilvusClock) throws {
    if let legacy { try legacy.flush(collection, clock: clock) }
    try clock.wait("loading collection '\(collection.schema.name)'", store: connection.name) {
      // It says so only after something was asked of the collection.
      _ = try query(
        MilvusFilter.everything(collection), fields: MilvusFields(fields: .none), limit: 1, offset: 0,
        consistency: .eventually,
        in: collection)
      return try describe(collection.schema.name)?.isLoaded ?? true
    }
  }
}
