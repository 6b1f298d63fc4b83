internal import SQLite
internal import VectorIndexes

/// The rows of one collection.
extension SQLiteVecFile {
  /// Stores rows with their vectors, row-major.
  ///
  /// - Throws: `duplicateKey` where `replaces` is false and a key is taken; nothing is stored then.
  func insert(
    _ rows: [StoreRow], vectors: [Float], into collection: SQLiteVecCollection, replaces: Bool
  ) throws -> WriteResult {
    let id = collection.id
    let dimension = collection.schema.dimension
    return try vectors.withUnsafeBytes { bytes in
      try database.transaction {
        guard
          let first = try database.query(
            "UPDATE collections SET next_row = next_row + ? WHERE id = ? RETURNING next_row - ?",
            [.integer(rows.count), .integer(id), .integer(rows.count)], { try $0.integer(0) }
          ).first
        else { throw VectorStoreError.noSuchCollection(collection.schema.name, known: []) }
        var result = WriteResult(keys: [])
        var json: [UInt8] = []
        for (index, row) in rows.enumerated() {
          let key = row.key ?? .integer(Int64(first + index))
          if replaces { result.replaced += try delete([key], of: id) }
          json.removeAll(keepingCapacity: true)
          JSONWriter.append(row.fields, to: &json)
          try database.run(
            "INSERT INTO rows_\(id) (row, key, fields) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
            [.integer(first + index), SQLiteValue(key), .text(String(decoding: json, as: UTF8.self))])
          guard database.changedRows == 1 else { throw VectorStoreError.duplicateKey(key, row: index) }
          let size = dimension * MemoryLayout<Float>.stride
          let vector = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
          try database.run(
            "INSERT INTO vectors_\(id) (rowid, vector) VALUES (?, ?)", [.integer(first + index), .memory(vector)])
          result.keys.append(key)
        }
        return result
      }
    }
  }

  func delete(_ keys: [PrimaryKey], from collection: SQLiteVecCollection) throws -> Int {
    try database.transaction { try delete(keys, of: collection.id) }
  }

  func delete(matching condition: SQLCondition, from collection: SQLiteVecCollection) throws -> Int {
    try database.transaction {
      let rows = try database.query(
        "DELETE FROM rows_\(collection.id) WHERE \(condition.sql) RETURNING row", condition.values.map(SQLiteValue.init)
      ) { try $0.integer(0) }
      try forget(rows, of: collection.id)
      return rows.count
    }
  }

  /// Removes rows by key; returns how many were there. To be called inside a transaction.
  private func delete(_ keys: [PrimaryKey], of id: Int) throws -> Int {
    let rows = try keys.flatMap { key in
      try database.query("DELETE FROM rows_\(id) WHERE key = ? RETURNING row", [SQLiteValue(key)]) {
        try $0.integer(0)
      }
    }
    try forget(rows, of: id)
    return rows.count
  }

  private func forget(_ rows: [Int], of id: Int) throws {
    for row in rows { try database.run("DELETE FROM vectors_\(id) WHERE rowid = ?", [.integer(row)]) }
  }

  func query(
    _ request: QueryRequest, matching condition: SQLCondition?, in collection: SQLiteVecCollection
  ) throws -> [StoreRow] {
    let id = collection.id
    var values = condition?.values.map(SQLiteValue.init) ?? []
    let limit = "LIMIT ?\(values.count + 1) OFFSET ?\(values.count + 2)"
    values += [.integer(request.limit ?? -1), .integer(request.offset)]
    let filter = condition.map { "WHERE \($0.sql)" } ?? ""
    let rows = "SELECT row, key, fields FROM rows_\(id) \(filter) ORDER BY key \(limit)"
    let sql =
      request.includesVectors
      ? "SELECT key, fields, vector FROM (\(rows)) JOIN vectors_\(id) ON rowid = row ORDER BY key"
      : "SELECT key, fields FROM (\(rows)) ORDER BY key"
    return try database.query(sql, values) { row in
      let key = try row.primaryKey(0, collection.schema.keyType)
      return StoreRow(
        key: key, vector: request.includesVectors ? try vector(row, 2, of: key, collection.schema.dimension) : [],
        fields: try fields(row, 1, of: key, request.outputFields))
    }
  }

  private func vector(_ row: SQLiteRow, _ column: Int32, of key: PrimaryKey, _ dimension: Int) throws -> [Float] {
    try row.withBlob(column) { bytes in
      guard bytes.count == dimension * MemoryLayout<Float>.stride else {
        throw SQLiteError.corrupt(path: path, reason: "the vector of key \(key) has \(bytes.count) bytes")
      }
      return [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        count = dimension
      }
    }
  }

  private func fields(
    _ row: SQLiteRow, _ column: Int32, of key: PrimaryKey, _ wanted: OutputFields
  ) throws -> [String: FieldValue] {
    if wanted == .none { return [:] }
    return try row.withText(column) { json in
      do {
        return try wanted.read(from: json)
      } catch let mistake as JSONMistake {
        throw SQLiteError.corrupt(path: path, reason: "the fields of key \(key): \(mistake)")
      }
    }
  }

  // MARK: Searching

  /// The values of `nearest` that stand before those of a filter.
  static var searchValues: Int { 2 }
  /// The most hits that `vec0` answers.
  private static var mostHits: Int { 4_096 }

  /// How many hits to ask for.
  ///
  /// - Throws: `unsupported` for more than the extension answers.
  func limit(_ wanted: Int, in collection: SQLiteVecCollection) throws -> Int {
    if wanted <= Self.mostHits { return wanted }
    let rows = try count(collection.id)
    guard min(wanted, rows) <= Self.mostHits else {
      throw VectorStoreError.unsupported(
        name: SQLiteVecCollection.storeName,
        reason: "answers \(Self.mostHits) hits at most, and \(wanted) are asked for")
    }
    return rows
  }

  /// - Parameter condition: its values are numbered after `searchValues`.
  func nearest(
    _ limit: Int, to vector: ArraySlice<Float>, matching condition: SQLCondition?, _ wanted: OutputFields,
    in collection: SQLiteVecCollection
  ) throws -> [SearchHit] {
    let id = collection.id
    let filter = condition.map { " AND rowid IN (SELECT row FROM rows_\(id) WHERE \($0.sql))" } ?? ""
    let sql = """
      SELECT key, fields, distance FROM
        (SELECT rowid, distance FROM vectors_\(id) WHERE vector MATCH ?1 AND k = ?2\(filter))
        JOIN rows_\(id) ON row = rowid ORDER BY distance, row
      """
    return try vector.withUnsafeBytes { bytes in
      try database.query(
        sql, [.memory(bytes), .integer(limit)] + (condition?.values.map(SQLiteValue.init) ?? [])
      ) { row in
        let key = try row.primaryKey(0, collection.schema.keyType)
        return SearchHit(
          key: key, distance: Self.distance(try row.real(2), collection.schema.metric),
          fields: try fields(row, 1, of: key, wanted))
      }
    }
  }

  /// As `SearchHit.distance` has it: `vec0` answers the root of the squared distance, and 1 less the cosine.
  private static func distance(_ distance: Double, _ metric: StoreMetric) -> Float {
    metric == .cosine ? Float(1 - distance) : Float(distance * distance)
  }
}

extension SQLiteValue {
  fileprivate init(_ key: PrimaryKey) {
    switch key {
    case .integer(let number): self = .integer(Int(number))
    case .string(let text): self = .text(text)
    }
  }

  fileprivate init(_ value: SQLCondition.Value) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let number): self = .integer(Int(number))
    case .number(let number): self = .real(number)
    }
  }
}

extension SQLiteRow {
  fileprivate func primaryKey(_ column: Int32, _ type: CollectionSchema.KeyType) throws -> PrimaryKey {
    switch type {
    case .integer: .integer(Int64(try integer(column)))
    case .string: .string(try text(column))
    }
  }
}
