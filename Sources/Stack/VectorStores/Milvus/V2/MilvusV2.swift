/// REST version 2, which Milvus has from 2.4 on and Zilliz Cloud has.
struct MilvusV2: MilvusInterface {
  let connection: MilvusConnection
  let notice: @Sendable (String) -> Void

  var version: String { "REST v2" }

  private func call(_ path: String, _ body: RemoteBody, filter: String = "", collection: String = "") throws
    -> FieldValue
  {
    try connection.call("POST", "/v2/vectordb/\(path)", body: body, filter: filter, collection: collection)
  }

  func names() throws -> [String] {
    (try call("collections/list", connection.body())["data"]?.array ?? []).compactMap(\.string)
  }

  func describe(_ name: String) throws -> MilvusCollection? {
    let answer = try call("collections/describe", connection.body(name), collection: name)
    guard let data = answer["data"], var collection = MilvusCollection(name: name, description: data) else {
      return nil
    }
    let properties = data["properties"]?.array ?? []
    if let note = properties.first(where: { $0["key"]?.string == Self.noteKey })?["value"]?.string {
      collection.read(note: note)
    }
    return collection
  }

  /// The property that holds our note where the server keeps no description.
  private static let noteKey = "ragmeter.note"

  func create(_ schema: CollectionSchema, consistency: MilvusConsistency?) throws {
    let index = try MilvusIndex(schema, store: connection.name)
    let note = MilvusCollection.note(of: schema)
    var body = connection.body(schema.name)
    var key: [String: FieldValue] = [
      "fieldName": .string(MilvusCollection.keyName), "isPrimary": .bool(true),
      "dataType": .string(schema.keyType == .string ? "VarChar" : "Int64"),
    ]
    if schema.keyType == .string {
      key["elementTypeParams"] = .object(["max_length": .integer(Int64(MilvusStore.longestKey))])
    }
    body.add(
      "schema",
      .object([
        // The first releases of 2.4 read the one spelling, later ones the other.
        "autoId": .bool(schema.autoID), "autoID": .bool(schema.autoID), "enableDynamicField": .bool(true),
        "fields": .array([
          .object(key),
          .object([
            "fieldName": .string(MilvusCollection.vectorName), "dataType": .string("FloatVector"),
            "elementTypeParams": .object(["dim": .integer(Int64(schema.dimension))]),
          ]),
        ]),
      ]))
    var parameters = index.json.object ?? [:]
    parameters["index_type"] = .string(index.type)
    body.add(
      "indexParams",
      .array([
        .object([
          "fieldName": .string(MilvusCollection.vectorName), "indexName": .string(MilvusCollection.vectorName),
          "metricType": .string(schema.metric.rawValue), "indexType": .string(index.type),
          "params": .object(parameters),
        ])
      ]))
    body.add("params", .object(["consistencyLevel": .string((consistency ?? .strong).rawValue)]))
    body.add("description", note)
    _ = try call("collections/create", body, collection: schema.name)
    try keep(note, schema)
  }

  /// Servers before 2.6 drop descriptions, and from 2.5 on keep properties.
  private func keep(_ note: String, _ schema: CollectionSchema) throws {
    guard let made = try describe(schema.name),
      made.schema.index != schema.index || made.schema.properties != schema.properties
    else { return }
    var body = connection.body(schema.name)
    body.add("properties", .object([Self.noteKey: .string(note)]))
    do { _ = try call("collections/alter_properties", body, collection: schema.name) } catch {
      notice(
        "\(connection.name): the server keeps no word about collection '\(schema.name)': which index it has and what its vectors are of is not listed"
      )
    }
  }

  func drop(_ name: String) throws { _ = try call("collections/drop", connection.body(name), collection: name) }

  func write(_ rows: [StoreRow], to collection: MilvusCollection, replacing: Bool) throws -> [PrimaryKey] {
    var body = connection.body(collection.schema.name)
    body.add("data", rows: rows, key: collection.keyField, vector: collection.vectorField)
    let verb = replacing ? "upsert" : "insert"
    let answer = try call("entities/\(verb)", body, collection: collection.schema.name)
    return try (answer["data"]?["\(verb)Ids"]?.array ?? []).map {
      try connection.key($0, in: collection, "an acknowledged row")
    }
  }

  func delete(matching filter: String, from collection: MilvusCollection) throws {
    var body = connection.body(collection.schema.name)
    body.add("filter", filter)
    _ = try call("entities/delete", body, filter: filter, collection: collection.schema.name)
  }

  func query(
    _ filter: String, fields: MilvusFields, limit: Int, offset: Int, consistency: MilvusConsistency,
    in collection: MilvusCollection
  ) throws -> [StoreRow] {
    var body = connection.body(collection.schema.name)
    body.add("filter", filter)
    body.add("outputFields", [collection.keyField] + fields.names(in: collection, all: "*"))
    body.add("limit", limit)
    body.add("offset", offset)
    body.add("consistencyLevel", consistency.rawValue)
    let answer = try call("entities/query", body, filter: filter, collection: collection.schema.name)
    return try connection.rows(answer["data"], fields: fields, in: collection)
  }

  func count(_ filter: String, consistency: MilvusConsistency, in collection: MilvusCollection) throws -> Int? {
    var body = connection.body(collection.schema.name)
    body.add("filter", filter)
    body.add("outputFields", ["count(*)"])
    body.add("consistencyLevel", consistency.rawValue)
    let answer = try call("entities/query", body, filter: filter, collection: collection.schema.name)
    guard let count = answer["data"]?.array?.first?["count(*)"]?.integer else {
      throw connection.malformed("no count", collection)
    }
    return Int(count)
  }

  // MARK: - Searching

  func search(
    _ request: SearchRequest, fields: MilvusFields, consistency: MilvusConsistency, in collection: MilvusCollection
  ) throws -> [[SearchHit]] {
    let dimension = collection.schema.dimension
    let queries = request.vectors.count / dimension
    let (hits, counts) = try search(request, request.vectors[...], fields, consistency, collection)
    if let counts, counts.count == queries, counts.reduce(0, +) == hits.count { return Self.cut(hits, counts) }
    if hits.count == queries * request.limit { return Self.cut(hits, Array(repeating: request.limit, count: queries)) }
    if queries == 1 || hits.isEmpty { return [hits] + Array(repeating: [], count: queries - 1) }
    // Servers before 2.6 put the hits of all vectors into one list and do not say where those of the next begin, and some are fewer.
    return try stride(from: 0, to: request.vectors.count, by: dimension).map { start in
      try search(request, request.vectors[start..<start + dimension], fields, consistency, collection).hits
    }
  }

  private static func cut(_ hits: [SearchHit], _ counts: [Int]) -> [[SearchHit]] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(hits[start..<start + count])
    }
  }

  private func search(
    _ request: SearchRequest, _ vectors: ArraySlice<Float>, _ fields: MilvusFields, _ consistency: MilvusConsistency,
    _ collection: MilvusCollection
  ) throws -> (hits: [SearchHit], counts: [Int]?) {
    var body = connection.body(collection.schema.name)
    body.add("data", vectors: vectors, dimension: collection.schema.dimension)
    body.add("annsField", collection.vectorField)
    body.add("limit", request.limit)
    if let filter = request.filter { body.add("filter", filter) }
    let names = fields.names(in: collection, all: "*")
    if !names.isEmpty { body.add("outputFields", names) }
    body.add("searchParams", .object(["params": MilvusIndex.searchParameters(request)]))
    body.add("consistencyLevel", consistency.rawValue)
    let answer = try call("entities/search", body, filter: request.filter ?? "", collection: collection.schema.name)
    let hits = try connection.hits(answer["data"], fields: fields, in: collection)
    return (hits, answer["topks"]?.array?.compactMap { $0.integer.map(Int.init) })
  }

  // MARK: - Indexing

  func indexedRows(of collection: MilvusCollection) throws -> Int { try progress(collection)?.indexed ?? 0 }

  /// - Returns: nil where the server does not tell.
  private func progress(_ collection: MilvusCollection) throws -> (total: Int, indexed: Int, isFinished: Bool)? {
    var list = connection.body(collection.schema.name)
    list.add("indexName", collection.indexName)
    let answer = try call("indexes/describe", list, collection: collection.schema.name)
    guard let index = answer["data"]?.array?.first, let state = index["indexState"]?.string else { return nil }
    return (Int(index["totalRows"]?.integer ?? 0), Int(index["indexedRows"]?.integer ?? 0), state == "Finished")
  }

  func optimize(_ collection: MilvusCollection, clock: MilvusClock) throws {
    let name = collection.schema.name
    do {
      _ = try call("collections/flush", connection.body(name), collection: name)
    } catch VectorStoreError.remote(_, let reason) {
      notice(
        "\(connection.name): rows of collection '\(name)' may not be indexed yet, for the server did not flush them: \(reason)"
      )
    }
    try clock.wait("indexing collection '\(name)'", store: connection.name) {
      guard let progress = try progress(collection) else { return true }
      return progress.isFinished && progress.indexed >= progress.total
    }
    _ = try call("collections/load", connection.body(name), collection: name)
    try clock.wait("loading collection '\(name)'", store: connection.name) {
      let answer = try call("collections/get_load_state", connection.body(name), collection: name)
      return answer["data"]?["loadState"]?.string == "LoadStateLoaded"
    }
  }
}
