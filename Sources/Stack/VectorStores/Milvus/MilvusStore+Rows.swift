extension MilvusStore {
  func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replacing: false)
  }

  func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replacing: true)
  }

  private func write(_ rows: [StoreRow], to name: String, replacing: Bool) throws -> WriteResult {
    try with(name) { collection in
      if replacing, collection.schema.autoID {
        throw VectorStoreError.unsupported(
          name: self.name,
          reason: "gives the keys of collection '\(name)' itself and cannot replace its rows; insert them")
      }
      try Self.check(rows, collection.schema)
      guard !rows.isEmpty else { return WriteResult(keys: []) }
      let keys = try interface.write(rows, to: collection, replacing: replacing)
      guard keys.count == rows.count else {
        throw VectorStoreError.remote(
          name: self.name,
          reason: "acknowledged \(keys.count) of \(rows.count) rows for collection '\(name)'; look what it holds")
      }
      return WriteResult(keys: keys)
    }
  }

  private static func check(_ rows: [StoreRow], _ schema: CollectionSchema) throws {
    var seen: Set<PrimaryKey> = []
    for (number, row) in rows.enumerated() {
      do { try row.check(schema) } catch { throw VectorStoreError.invalidRow(row: number, reason: error.reason) }
      guard row.vector.allSatisfy(\.isFinite) else {
        throw VectorStoreError.invalidRow(row: number, reason: "has a vector with a number that is not finite")
      }
      if let key = row.key, !seen.insert(key).inserted { throw VectorStoreError.duplicateKey(key, row: number) }
    }
  }

  func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    try with(collection) { collection in
      var deleted = 0
      for start in stride(from: 0, to: keys.count, by: Self.keysAtOnce) {
        let some = keys[start..<min(start + Self.keysAtOnce, keys.count)]
        deleted += try delete(MilvusFilter.members(some, of: collection), collection)
      }
      return deleted
    }
  }

  func delete(matching filter: String, from collection: String) throws -> Int {
    try with(collection) { try delete(filter, $0) }
  }

  /// Expressions of more keys get slow.
  private static let keysAtOnce = 1_000

  /// The server does not say how many there were, so they are counted first.
  private func delete(_ filter: String, _ collection: MilvusCollection) throws -> Int {
    let matching = try count(filter, in: collection)
    if matching > 0 { try interface.delete(matching: filter, from: collection) }
    return matching
  }

  /// Rows that match, counted here where the server does not.
  func count(_ filter: String, in collection: MilvusCollection) throws -> Int {
    if let count = try interface.count(filter, consistency: consistency ?? .strong, in: collection) { return count }
    return try rows(filter, fields: MilvusFields(fields: .none), consistency: .strong, in: collection).count
  }

  func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    guard request.limit ?? 1 >= 0, request.offset >= 0 else {
      throw VectorStoreError.invalidArgument("a query's limit and offset must not be negative")
    }
    return try with(collection) { collection in
      let fields = MilvusFields(fields: request.outputFields, vectors: request.includesVectors)
      let filter = request.filter ?? MilvusFilter.everything
      let window = request.limit.map { $0.addingReportingOverflow(request.offset) }
      if let window, !window.overflow, window.partialValue <= MilvusV1.window {
        guard request.limit != 0 else { return [] }
        // The server answers in the order of keys, but for segments of which each begins anew.
        return try interface.query(
          filter.isEmpty ? MilvusFilter.everything(collection) : filter, fields: fields, limit: request.limit ?? 0,
          offset: request.offset, consistency: consistency ?? .strong, in: collection
        ).sorted(by: MilvusFilter.precedes)
      }
      let rows = try rows(filter, fields: fields, consistency: consistency ?? .strong, in: collection)
      return Array(rows.dropFirst(request.offset).prefix(request.limit ?? .max))
    }
  }

  /// All rows that match, in the order of their keys: page after page, for an answer has at most `MilvusV1.window`.
  private func rows(
    _ filter: String, fields: MilvusFields, consistency: MilvusConsistency, in collection: MilvusCollection
  ) throws -> [StoreRow] {
    var rows: [StoreRow] = []
    var page = filter.isEmpty ? MilvusFilter.everything(collection) : filter
    while true {
      let some = try interface.query(
        page, fields: fields, limit: MilvusV1.window, offset: 0, consistency: consistency, in: collection
      ).sorted(by: MilvusFilter.precedes)
      rows += some
      guard some.count >= MilvusV1.window, let last = some.last?.key else { break }
      page = MilvusFilter.both(filter, MilvusFilter.beyond(last, in: collection))
    }
    guard rows.count >= MilvusV1.window,
      let count = try interface.count(filter, consistency: consistency, in: collection),
      count != rows.count
    else { return rows }
    throw VectorStoreError.remote(
      name: name,
      reason: "counts \(count) rows of collection '\(collection.schema.name)' and gave \(rows.count); ask again")
  }
}
