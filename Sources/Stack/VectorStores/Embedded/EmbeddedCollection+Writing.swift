import SQLite
import Synchronization
import VectorIndexes

/// Rows come and go: first in the file, which acknowledges them, then in memory.
extension EmbeddedCollection {
  /// - Throws: `VectorStoreError`; nothing is stored then. `StaleCollection` if the rows are stored and the memory for them
  ///   is not there.
  func write(_ rows: [StoreRow], replaces: Bool) throws -> WriteResult {
    guard !rows.isEmpty else { return WriteResult(keys: []) }
    if replaces { try schema.checkReplacing() }
    let batch = try schema.vectors(of: rows)
    if replaces { try schema.checkKeys(of: rows, replaces: true) }
    return try writing.withLock { writing in
      var new: [StoreFile.NewRow] = []
      new.reserveCapacity(rows.count)
      var json: [UInt8] = []
      for (index, row) in rows.enumerated() {
        let number = writing.nextRow + Int64(index)
        json.removeAll(keepingCapacity: true)
        JSONWriter.append(row.fields, to: &json)
        new.append(
          .init(row: number, key: row.key ?? .integer(number), fields: String(decoding: json, as: UTF8.self)))
      }
      let indexedThrough = writing.saved.indexedThrough
      let replaced = try connection.use { file in
        try file.database.transaction {
          let replaced = try batch.withUnsafeBufferPointer {
            try file.insert(new, vectors: $0, into: id, replaces: replaces)
          }
          try file.forget(replaced, of: id, indexedThrough: indexedThrough)
          return replaced
        }
      }
      writing.nextRow += Int64(rows.count)
      try apply { state in
        try Self.remove(replaced, from: &state)
        let ids = new.map(\.row)
        try state.tail.add(batch.span, ids: ids.span)
        for row in new { state.keys.insert(row.key, at: row.row) }
      }
      return WriteResult(keys: new.map(\.key), replaced: replaced.count)
    }
  }

  func delete(_ keys: [PrimaryKey]) throws -> Int {
    try delete { try $0.deleteRows(keys.filter(self.schema.admits), of: self.id) }
  }

  func delete(matching filter: Filter) throws -> Int {
    let count = read { $0.keys.count }
    return try delete { file in
      try file.deleteRows(file.matchingRows(filter, of: self.id, self.schema.keyType, among: count), of: self.id)
    }
  }

  private func delete(_ find: (StoreFile) throws -> [Int64]) throws -> Int {
    try writing.withLock { writing in
      let indexedThrough = writing.saved.indexedThrough
      let removed = try connection.use { file in
        try file.database.transaction {
          let removed = try find(file)
          try file.forget(removed, of: id, indexedThrough: indexedThrough)
          return removed
        }
      }
      if removed.isEmpty { return 0 }
      try apply { try Self.remove(removed, from: &$0) }
      return removed.count
    }
  }

  private func apply(_ body: (inout State) throws -> Void) throws {
    do {
      try change {
        $0.version += 1
        try body(&$0)
      }
    } catch {
      throw StaleCollection(reason: "\(error)")
    }
  }

  private static func remove(_ rows: [Int64], from state: inout State) throws {
    if rows.isEmpty { return }
    let indexed = rows.filter { $0 <= state.indexedThrough }
    let later = rows.filter { $0 > state.indexedThrough }
    if !indexed.isEmpty { try state.index?.remove(ids: indexed.span) }
    if !later.isEmpty { try state.tail.remove(ids: later.span) }
    for row in rows { state.keys.remove(row) }
  }
}

/// The file is ahead of what is in memory, which is to be loaded again.
struct StaleCollection: Error {
  var reason: String
}
