internal import VectorIndexes

/// The interface that 2.x servers have on the port of their metrics (9091, `/api/v1`), which speaks the protocol of their clients in
/// JSON: schemas, explicit indexes, flushes, parameters and consistency of searches, and many vectors a search.
///
/// Rows are written over REST version 1, for columns of dynamic fields cannot be sent here.
struct MilvusLegacy: Sendable {
  let connection: MilvusConnection

  private func body(_ name: String) -> RemoteBody {
    var body = RemoteBody()
    if let database = connection.database { body.add("db_name", database) }
    body.add("collection_name", name)
    return body
  }

  // By the protocol's numbers.
  private static let int64 = 5
  private static let varChar = 21
  private static let floatVector = 101

  func create(_ schema: CollectionSchema, index: MilvusIndex, consistency: MilvusConsistency?) throws {
    func field(_ name: String, _ type: Int, _ more: [String: FieldValue]) -> FieldValue {
      .object(more.merging(["name": .string(name), "data_type": .integer(Int64(type))]) { _, new in new })
    }
    var key: [String: FieldValue] = ["is_primary_key": .bool(true), "autoID": .bool(schema.autoID)]
    if schema.keyType == .string { key["type_params"] = .array([Self.pair("max_length", "\(MilvusStore.longestKey)")]) }
    var body = body(schema.name)
    body.add(
      "schema",
      .object([
        "name": .string(schema.name), "description": .string(MilvusCollection.note(of: schema)),
        "autoID": .bool(schema.autoID), "enable_dynamic_field": .bool(true),
        "fields": .array([
          field(MilvusCollection.keyName, schema.keyType == .string ? Self.varChar : Self.int64, key),
          field(
            MilvusCollection.vectorName, Self.floatVector,
            ["type_params": .array([Self.pair("dim", "\(schema.dimension)")])]),
        ]),
      ]))
    if let consistency, let level = MilvusConsistency.allCases.firstIndex(of: consistency) {
      body.add("consistency_level", level)
    }
    _ = try connection.legacy("POST", "/api/v1/collection", body: body, collection: schema.name)

    var indexing = self.body(schema.name)
    indexing.add("field_name", MilvusCollection.vectorName)
    indexing.add(
      "extra_params",
      .array([
        Self.pair("metric_type", schema.metric.rawValue), Self.pair("index_type", index.type),
        Self.pair("params", index.json.json),
      ]))
    do {
      _ = try connection.legacy("POST", "/api/v1/index", body: indexing, collection: schema.name)
      _ = try connection.legacy(
        "POST", "/api/v1/collection/load", body: self.body(schema.name), collection: schema.name)
    } catch {
      // A collection without an index cannot be searched; whoever asked for it shall be able to ask again.
      _ = try? connection.legacy("DELETE", "/api/v1/collection", body: self.body(schema.name))
      throw error
    }
  }

  private static func pair(_ key: String, _ value: String) -> FieldValue {
    .object(["key": .string(key), "value": .string(value)])
  }

  // MARK: - Answers in columns

  func query(
    _ filter: String, fields: MilvusFields, limit: Int, offset: Int, consistency: MilvusConsistency,
    in collection: MilvusCollection
  ) throws -> [StoreRow] {
    var body = body(collection.schema.name)
    body.add("expr", filter)
    body.add("output_fields", [collection.keyField] + fields.names(in: collection))
    consistency.add(to: &body)
    body.add("query_params", .array([Self.pair("limit", "\(limit)"), Self.pair("offset", "\(offset)")]))
    let answer = try connection.legacy(
      "POST", "/api/v1/query", body: body, filter: filter, collection: collection.schema.name)
    let columns = try MilvusColumns(answer["fields_data"], connection, collection)
    return try (0..<columns.rows).map { row in
      StoreRow(
        key: try connection.key(columns.value(collection.keyField, row), in: collection, "a row"),
        vector: fields.vectors ? try columns.vector(row) : [], fields: fields.select(columns.fields(row)))
    }
  }

  func count(_ filter: String, consistency: MilvusConsistency, in collection: MilvusCollection) throws -> Int {
    var body = body(collection.schema.name)
    body.add("expr", filter)
    body.add("output_fields", ["count(*)"])
    consistency.add(to: &body)
    let answer = try connection.legacy(
      "POST", "/api/v1/query", body: body, filter: filter, collection: collection.schema.name)
    let columns = try MilvusColumns(answer["fields_data"], connection, collection)
    guard let count = columns.value("count(*)", 0)?.integer else {
      throw connection.malformed("no count", collection)
    }
    return Int(count)
  }

  func search(
    _ request: SearchRequest, fields: MilvusFields, consistency: MilvusConsistency, in collection: MilvusCollection
  ) throws -> [[SearchHit]] {
    let schema = collection.schema
    var body = body(schema.name)
    body.add("output_fields", fields.names(in: collection))
    body.add(
      "search_params",
      .array([
        Self.pair("anns_field", collection.vectorField), Self.pair("topk", "\(request.limit)"),
        Self.pair("params", MilvusIndex.searchParameters(request).json),
        Self.pair("metric_type", schema.metric.rawValue), Self.pair("round_decimal", "-1"),
      ]))
    body.add("vectors", vectors: request.vectors[...], dimension: schema.dimension)
    body.add("dsl_type", 1)
    if let filter = request.filter { body.add("dsl", filter) }
    consistency.add(to: &body)
    let answer = try connection.legacy(
      "POST", "/api/v1/search", body: body, filter: request.filter ?? "", collection: schema.name)
    return try hits(answer["results"], fields, collection, queries: request.vectors.count / schema.dimension)
  }

  private func hits(
    _ results: FieldValue?, _ fields: MilvusFields, _ collection: MilvusCollection, queries: Int
  ) throws -> [[SearchHit]] {
    let keys = MilvusColumns.only(results?["ids"]?["IdField"])?["data"]?.array ?? []
    let scores = results?["scores"]?.array ?? []
    let counts = (results?["topks"]?.array ?? []).compactMap { $0.integer.map(Int.init) }
    guard let results, scores.count == keys.count, counts.reduce(0, +) == keys.count,
      counts.count == queries || keys.isEmpty
    else { throw connection.malformed("hits whose keys and scores are not as many", collection) }
    let columns = try MilvusColumns(results["fields_data"], connection, collection)
    guard columns.rows == keys.count || fields.names(in: collection).isEmpty else {
      throw connection.malformed("\(keys.count) hits and fields of \(columns.rows)", collection)
    }
    var row = 0
    let found = try counts.map { count in
      try (0..<count).map { _ in
        defer { row += 1 }
        guard let distance = scores[row].number else {
          throw connection.malformed("a score that is no number", collection)
        }
        return SearchHit(
          key: try connection.key(keys[row], in: collection, "a hit"), distance: Float(distance),
          fields: fields.select(columns.fields(row)))
      }
    }
    return found + Array(repeating: [], count: queries - found.count)
  }

  // MARK: - Indexing

  /// Rows of a segment below which the server compares all of them (`minSegmentNumRowsToEnableIndex`).
  private static let fewestIndexed = 1_024

  /// The rows that there are for the index, those that it holds, and whether it is but the rows themselves.
  private func progress(_ collection: MilvusCollection) throws -> (total: Int, indexed: Int, isFlat: Bool) {
    var body = body(collection.schema.name)
    body.add("field_name", collection.vectorField)
    let answer = try connection.legacy("GET", "/api/v1/index", body: body, collection: collection.schema.name)
    let index = answer["index_descriptions"]?.array?.first
    let type = index?["params"]?.array?.first { $0["key"]?.string == "index_type" }?["value"]?.string
    return (Int(index?["total_rows"]?.integer ?? 0), Int(index?["indexed_rows"]?.integer ?? 0), type == "FLAT")
  }

  func indexedRows(of collection: MilvusCollection) throws -> Int { try progress(collection).indexed }

  func flush(_ collection: MilvusCollection, clock: MilvusClock) throws {
    let name = collection.schema.name
    let rows = try count("", consistency: .strong, in: collection)
    var body = RemoteBody()
    if let database = connection.database { body.add("db_name", database) }
    body.add("collection_names", [name])
    _ = try connection.legacy("POST", "/api/v1/persist", body: body, collection: name)
    // Rows go from a growing segment to one that is flushed, which is then indexed, and loaded in the growing one's place.
    var isFlat = false
    try clock.wait("indexing collection '\(name)'", store: connection.name) {
      let progress = try progress(collection)
      isFlat = progress.isFlat
      return progress.total >= rows && progress.indexed >= progress.total
    }
    // Left alone it looks for what is new every ten seconds.
    var loading = self.body(name)
    loading.add("refresh", .bool(true))
    _ = try connection.legacy("POST", "/api/v1/collection/load", body: loading, collection: name)
    var segments = RemoteBody()
    segments.add("collectionName", name)
    try clock.wait("loading the index of collection '\(name)'", store: connection.name) {
      let answer = try connection.legacy("GET", "/api/v1/query-segment-info", body: segments, collection: name)
      let segments = (answer["infos"]?.array ?? []).map { info in
        (rows: Int(info["num_rows"]?.integer ?? 0), hasIndex: info["index_name"]?.string != nil)
      }
      return segments.allSatisfy { isFlat || $0.hasIndex || $0.rows < Self.fewestIndexed }
        && segments.reduce(0) { $0 + $1.rows } >= rows
    }
  }
}
