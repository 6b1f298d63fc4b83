import SQLite

/// The rows of one collection.
extension StoreFile {
  struct NewRow {
    var row: Int64
    var key: PrimaryKey
    /// JSON.
    var fields: String
  }

  /// Stores rows with their vectors; `replaced` hears of every older row that had the key of one of them.
  ///
  /// - Parameter vectors: row-major, as many as rows.
  /// - Throws: `duplicateKey` where `replaces` is false and a key is taken. To be called inside a transaction.
  func insert(_ rows: [NewRow], vectors: UnsafeBufferPointer<Float>, into id: Int, replaces: Bool) throws -> [Int64] {
    guard !rows.isEmpty else { return [] }
    let insertRow = "INSERT INTO rows_\(id) (row, key, fields) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING"
    let insertVector = "INSERT INTO vectors_\(id) (row, vector) VALUES (?, ?)"
    let deleteOld = "DELETE FROM rows_\(id) WHERE key = ? RETURNING row"
    let dimension = vectors.count / rows.count
    var replaced: [Int64] = []
    for (index, row) in rows.enumerated() {
      if replaces { replaced += try database.query(deleteOld, [row.key.value]) { Int64(try $0.integer(0)) } }
      try database.run(insertRow, [.integer(Int(row.row)), row.key.value, .text(row.fields)])
      guard database.changedRows == 1 else { throw VectorStoreError.duplicateKey(row.key, row: index) }
      let vector = UnsafeBufferPointer(rebasing: vectors[index * dimension..<(index + 1) * dimension])
      try database.run(insertVector, [.integer(Int(row.row)), .memory(UnsafeRawBufferPointer(vector))])
    }
    try database.run(
      "UPDATE collections SET next_row = ? WHERE id = ?", [.integer(Int(rows[rows.count - 1].row) + 1), .integer(id)])
    return replaced
  }

  /// Removes rows by key; returns those that were there. To be called inside a transaction.
  func deleteRows(_ keys: [PrimaryKey], of id: Int) throws -> [Int64] {
    try keys.flatMap { key in
      try database.query("DELETE FROM rows_\(id) WHERE key = ? RETURNING row", [key.value]) { Int64(try $0.integer(0)) }
    }
  }

  /// Removes rows by number; returns those that were there. To be called inside a transaction.
  func deleteRows(_ rows: [Int64], of id: Int) throws -> [Int64] {
    try rows.filter { row in
      try database.run("DELETE FROM rows_\(id) WHERE row = ?", [.integer(Int(row))])
      return database.changedRows == 1
    }
  }

  /// Removes the vectors of rows that are gone, and notes those that an index file holds.
  func forget(_ rows: [Int64], of id: Int, indexedThrough: Int64) throws {
    for row in rows {
      try database.run("DELETE FROM vectors_\(id) WHERE row = ?", [.integer(Int(row))])
      if row <= indexedThrough {
        try database.run("INSERT INTO removed VALUES (?, ?)", [.integer(id), .integer(Int(row))])
      }
    }
  }

  func removedRows(of id: Int) throws -> [Int64] {
    try database.query("SELECT row FROM removed WHERE collection = ? ORDER BY row", [.integer(id)]) {
      Int64(try $0.integer(0))
    }
  }

  /// Hands over every row's number and key.
  func forEachKey(of id: Int, _ type: CollectionSchema.KeyType, _ body: (Int64, PrimaryKey) throws -> Void) throws {
    _ = try database.query("SELECT row, key FROM rows_\(id)") { row in
      try body(Int64(try row.integer(0)), try row.key(1, type))
    }
  }

  /// Hands over the vectors of rows above `row` in their order, at most `limit` of them.
  ///
  /// - Throws: `SQLiteError.corrupt` for a vector of another length.
  func forEachVector(
    of id: Int, after row: Int64, limit: Int, dimension: Int, _ body: (Int64, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let sql = "SELECT row, vector FROM vectors_\(id) WHERE row > ? ORDER BY row LIMIT ?"
    _ = try database.query(sql, [.integer(Int(row)), .integer(limit)]) { row in
      let number = Int64(try row.integer(0))
      try row.withBlob(1) { vector in
        guard vector.count == dimension * MemoryLayout<Float>.stride else { throw wrongLength(number, vector.count) }
        try body(number, vector)
      }
    }
  }

  /// - Throws: `SQLiteError.corrupt` where there is none.
  func vector(_ row: Int64, of id: Int, dimension: Int) throws -> [Float] {
    let found = try database.query("SELECT vector FROM vectors_\(id) WHERE row = ?", [.integer(Int(row))]) { found in
      try found.withBlob(0) { vector in
        guard vector.count == dimension * MemoryLayout<Float>.stride else { throw wrongLength(row, vector.count) }
        return [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(from: vector)
          count = dimension
        }
      }
    }
    guard let vector = found.first else { throw SQLiteError.corrupt(path: path, reason: "row \(row) has no vector") }
    return vector
  }

  private func wrongLength(_ row: Int64, _ bytes: Int) -> SQLiteError {
    .corrupt(path: path, reason: "the vector of row \(row) has \(bytes) bytes")
  }

  /// The fields of a row; nil where there is none.
  func fields(_ row: Int64, of id: Int, _ wanted: OutputFields) throws -> [String: FieldValue]? {
    try database.query("SELECT fields FROM rows_\(id) WHERE row = ?", [.integer(Int(row))]) { found in
      try found.withText(0) { json in
        do {
          return try wanted.read(from: json)
        } catch let mistake as JSONMistake {
          throw SQLiteError.corrupt(path: path, reason: "the fields of row \(row): \(mistake)")
        }
      }
    }.first
  }

  /// The numbers of the rows that match, ascending where all rows are looked at.
  func matchingRows(_ filter: Filter, of id: Int, _ type: CollectionSchema.KeyType, among count: Int) throws -> [Int64]
  {
    var matching: [Int64] = []
    func look(_ row: SQLiteRow) throws {
      let number = Int64(try row.integer(0))
      try row.withText(2) { fields in
        let matches =
          switch type {
          case .integer: filter.matches(FilteredRow(key: .integer(Int64(try row.integer(1))), fields: fields))
          case .string: try row.withText(1) { filter.matches(FilteredRow(key: .text($0), fields: fields)) }
          }
        if matches { matching.append(number) }
      }
    }
    // Looking a key up costs some ten times what looking at a row does.
    if let keys = filter.keys, keys.count * 10 < count {
      for key in keys.values(type) {
        _ = try database.query("SELECT row, key, fields FROM rows_\(id) WHERE key = ?", [key]) { try look($0) }
      }
    } else {
      _ = try database.query("SELECT row, key, fields FROM rows_\(id)") { try look($0) }
    }
    return matching
  }
}

extension PrimaryKey {
  fileprivate var value: SQLiteValue {
    switch self {
    case .integer(let number): .integer(Int(number))
    case .string(let text): .text(text)
    }
  }
}

extension SQLiteRow {
  fileprivate func key(_ column: Int32, _ type: CollectionSchema.KeyType) throws -> PrimaryKey {
    switch type {
    case .integer: .integer(Int64(try integer(column)))
    case .string: .string(try text(column))
    }
  }
}

extension FilterValues {
  /// Those that can be keys of the type.
  fileprivate func values(_ type: CollectionSchema.KeyType) -> [SQLiteValue] {
    switch type {
    case .integer: Set(integers).map { .integer(Int($0)) }
    case .string: strings.map { .text(String(decoding: $0, as: UTF8.self)) }
    }
  }
}

extension OutputFields {
  /// The wanted members of a JSON object; the others are passed over.
  func read(from json: UnsafeBufferPointer<UInt8>) throws(JSONMistake) -> [String: FieldValue] {
    switch self {
    case .none: return [:]
    case .all:
      guard case .object(let fields) = try JSONReader.whole(json) else {
        throw JSONMistake(byte: 0, reason: "no object")
      }
      return fields
    case .named(let wanted):
      var fields: [String: FieldValue] = [:]
      var reader = JSONReader(json)
      var names = JSONNames()
      while try names.next(&reader) {
        let name = try reader.text(try reader.string())
        guard reader.take(UInt8(ascii: ":")) else { throw reader.mistake("expected ':'") }
        if wanted.contains(name) { fields[name] = try reader.value() } else { try reader.skip() }
      }
      return fields
    }
  }
}
