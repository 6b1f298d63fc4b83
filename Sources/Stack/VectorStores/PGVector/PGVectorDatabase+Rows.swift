internal import PostgreSQL
internal import VectorIndexes

/// The rows of one collection.
extension PGVectorDatabase {
  /// Stores rows with their vectors, row-major.
  ///
  /// - Throws: `duplicateKey` where `replaces` is false and a key is taken; nothing is stored then.
  func insert(
    _ rows: [StoreRow], vectors: [Float], into collection: PGVectorCollection, replaces: Bool
  ) throws -> WriteResult {
    do {
      return try connection.transaction {
        let keys = try keys(of: rows, in: collection)
        var result = WriteResult(keys: keys)
        if replaces {
          // Between removing the old rows and storing the new ones nobody else may store the same keys.
          try connection.execute("LOCK TABLE \(collection.table) IN SHARE ROW EXCLUSIVE MODE")
          result.replaced = try delete(keys, from: collection)
        } else {
          try refuseTaken(keys, in: collection)
        }
        try connection.copy(
          "COPY \(collection.table) (key, vector, fields) FROM STDIN (FORMAT binary)",
          Self.copied(rows, keys, vectors, collection.schema.dimension))
        return result
      }
    } catch let error as PostgreSQLError where error.state == PostgreSQLError.uniqueViolation {
      // Another client stored a key after it was looked for.
      try refuseTaken(rows.compactMap(\.key), in: collection)
      throw error
    }
  }

  private func keys(of rows: [StoreRow], in collection: PGVectorCollection) throws -> [PrimaryKey] {
    guard collection.schema.autoID else { return rows.compactMap(\.key) }
    return try connection.query(
      "SELECT nextval('\(collection.keys)') FROM generate_series(1, $1::integer)", [.integer(rows.count)]
    ) { .integer(try $0.integer(0)) }
  }

  private func refuseTaken(_ keys: [PrimaryKey], in collection: PGVectorCollection) throws {
    if collection.schema.autoID { return }
    let taken = Set(
      try connection.query(
        "SELECT key FROM \(collection.table) WHERE key = ANY($1::\(collection.keyType)[])", [Self.array(keys)]
      ) { try Self.key($0, collection.schema.keyType) })
    guard !taken.isEmpty, let row = keys.firstIndex(where: { taken.contains($0) }) else { return }
    throw VectorStoreError.duplicateKey(keys[row], row: row)
  }

  func delete(_ keys: [PrimaryKey], from collection: PGVectorCollection) throws -> Int {
    try connection.run(
      "DELETE FROM \(collection.table) WHERE key = ANY($1::\(collection.keyType)[])", [Self.array(keys)])
  }

  func delete(matching condition: SQLCondition, from collection: PGVectorCollection) throws -> Int {
    try connection.run(
      "DELETE FROM \(collection.table) WHERE \(condition.sql)", condition.values.map(PostgreSQLValue.init))
  }

  func query(
    _ request: QueryRequest, matching condition: SQLCondition?, in collection: PGVectorCollection
  ) throws -> [StoreRow] {
    var values = condition?.values.map(PostgreSQLValue.init) ?? []
    values += [request.limit.map { .integer($0) } ?? .null, .integer(request.offset)]
    let sql = """
      SELECT key, \(request.outputFields == .none ? "NULL::json" : "fields"), \
      \(request.includesVectors ? "vector" : "NULL::vector") FROM \(collection.table) \
      \(condition.map { "WHERE \($0.sql)" } ?? "") ORDER BY key \
      LIMIT $\(values.count - 1)::bigint OFFSET $\(values.count)::bigint
      """
    return try connection.query(sql, values) { row in
      StoreRow(
        key: try Self.key(row, collection.schema.keyType),
        vector: row.isNull(2) ? [] : try Self.vector(row, 2, collection.schema.dimension),
        fields: try Self.fields(row, 1, request.outputFields))
    }
  }

  /// - Parameter condition: its values are numbered from 2.
  func nearest(
    to vector: ArraySlice<Float>, _ request: SearchRequest, matching condition: SQLCondition?,
    in collection: PGVectorCollection
  ) throws -> [SearchHit] {
    let distance = "vector \(collection.index.distance) $1::vector"
    let sql = """
      SELECT key, \(request.outputFields == .none ? "NULL::json" : "fields"), \(distance) FROM \(collection.table) \
      \(condition.map { "WHERE \($0.sql)" } ?? "") ORDER BY \(distance) LIMIT \(request.limit)
      """
    var bytes: [UInt8] = []
    Self.append(vector, to: &bytes)
    return try connection.query(sql, [.bytes(bytes)] + (condition?.values.map(PostgreSQLValue.init) ?? [])) { row in
      SearchHit(
        key: try Self.key(row, collection.schema.keyType), distance: collection.index.hitDistance(try row.real(2)),
        fields: try Self.fields(row, 1, request.outputFields))
    }
  }

  // MARK: Values

  private static func array(_ keys: [PrimaryKey]) -> PostgreSQLValue {
    .array(
      keys.map { key in
        switch key {
        case .integer(let number): "\(number)"
        case .string(let text): text
        }
      })
  }

  private static func key(_ row: PostgreSQLRow, _ type: CollectionSchema.KeyType) throws -> PrimaryKey {
    switch type {
    case .integer: .integer(try row.integer(0))
    case .string: .string(row.text(0))
    }
  }

  private static func fields(
    _ row: PostgreSQLRow, _ column: Int32, _ wanted: OutputFields
  ) throws -> [String: FieldValue] {
    if wanted == .none { return [:] }
    return try row.withBytes(column) { json in
      do {
        return try wanted.read(from: json)
      } catch let mistake as JSONMistake {
        throw VectorStoreError.remote(name: PGVectorStore.storeName, reason: "the fields of a row: \(mistake)")
      }
    }
  }

  /// pgvector's binary form: the dimension and nothing in 16 bits each, then float32; all big-endian.
  private static func append(_ vector: ArraySlice<Float>, to bytes: inout [UInt8]) {
    append(Int16(clamping: vector.count), to: &bytes)
    append(Int16(0), to: &bytes)
    for value in vector { append(value.bitPattern, to: &bytes) }
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func vector(_ row: PostgreSQLRow, _ column: Int32, _ dimension: Int) throws -> [Float] {
    try row.withBytes(column) { bytes in
      guard bytes.count == 4 + 4 * dimension else {
        throw VectorStoreError.remote(name: PGVectorStore.storeName, reason: "a vector has \(bytes.count) bytes")
      }
      let values = UnsafeRawBufferPointer(bytes)
      return (0..<dimension).map {
        Float(bitPattern: UInt32(bigEndian: values.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self)))
      }
    }
  }

  /// Rows in the binary form of `COPY`: a header, the fields of each row behind their lengths, and an end.
  private static func copied(
    _ rows: [StoreRow], _ keys: [PrimaryKey], _ vectors: [Float], _ dimension: Int
  ) -> [UInt8] {
    var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
    bytes.reserveCapacity(rows.count * (4 * dimension + 256))
    append(Int32(0), to: &bytes)
    append(Int32(0), to: &bytes)
    var json: [UInt8] = []
    for (index, row) in rows.enumerated() {
      append(Int16(3), to: &bytes)
      switch keys[index] {
      case .integer(let number):
        append(Int32(8), to: &bytes)
        append(number, to: &bytes)
      case .string(let text):
        append(Int32(clamping: text.utf8.count), to: &bytes)
        bytes += text.utf8
      }
      append(Int32(clamping: 4 + 4 * dimension), to: &bytes)
      append(vectors[index * dimension..<(index + 1) * dimension], to: &bytes)
      json.removeAll(keepingCapacity: true)
      JSONWriter.append(row.fields, to: &json)
      append(Int32(clamping: json.count), to: &bytes)
      bytes += json
    }
    append(Int16(-1), to: &bytes)
    return bytes
  }
}

extension PostgreSQLValue {
  fileprivate init(_ value: SQLCondition.Value) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let number): self = .text("\(number)")
    case .number(let number): self = .text("\(number)")
    }
  }
}
