import Foundation
import SQLite

/// The SQLite file of an embedded store: the rows of every collection, and which index file goes with them.
///
/// Tables: `collections`, a row each; `rows_N` (row number, primary key, fields as JSON) and `vectors_N` (row number,
/// little-endian float32), for the collection with id N; `removed`, the rows that an index file still holds and the
/// collection no longer. Row numbers ascend and never come back, so that a row number stands for one vector for ever.
///
/// One connection, for one thread at a time.
final class StoreFile {
  /// "RAGV" in `PRAGMA application_id`.
  private static var applicationID: Int { 0x5241_4756 }
  private static var version: Int { 1 }

  let path: String
  let isReadOnly: Bool
  let database: SQLiteDatabase

  /// - Throws: `VectorStoreError.unusable`.
  init(path: String, readOnly: Bool) throws {
    self.path = path
    isReadOnly = readOnly
    if readOnly, !FileManager.default.fileExists(atPath: path) {
      throw VectorStoreError.unusable(path: path, reason: "there is no such file; 'insert' makes one")
    }
    do {
      database = try SQLiteDatabase(path: path, readOnly: readOnly, busyTimeout: 0)
      try database.execute("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536")
      if readOnly { try openForReading() } else { try openForWriting() }
    } catch let error as SQLiteError {
      throw Self.refusal(error, path: path)
    }
  }

  /// Takes the file for this process: nobody else can read or write it until the connection closes.
  private func openForWriting() throws {
    try database.execute("PRAGMA locking_mode = EXCLUSIVE")
    if try isEmpty() { try database.execute("PRAGMA page_size = 16384") } else { try check() }
    _ = try database.query("PRAGMA journal_mode = WAL") { try $0.text(0) }
    // An acknowledged write is on the disk: the log is synchronised with every commit. Checkpoints are rare, so that a
    // batch is written twice at leisure; what is deleted need not be overwritten.
    try database.execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096; PRAGMA secure_delete = OFF")
    try database.transaction {
      // The lock is taken with the first write.
      guard try isEmpty() else {
        return try database.execute("PRAGMA user_version = \(Self.version)")
      }
      try database.execute(
        """
        PRAGMA application_id = \(Self.applicationID);
        PRAGMA user_version = \(Self.version);
        CREATE TABLE collections (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          dimension INTEGER NOT NULL,
          metric TEXT NOT NULL,
          key_type TEXT NOT NULL,
          auto_id INTEGER NOT NULL,
          index_specification TEXT NOT NULL,
          properties TEXT NOT NULL,
          next_row INTEGER NOT NULL,
          index_generation INTEGER NOT NULL,
          index_seal BLOB NOT NULL,
          indexed_through INTEGER NOT NULL,
          trained_rows INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE removed (
          collection INTEGER NOT NULL,
          row INTEGER NOT NULL,
          PRIMARY KEY (collection, row)
        ) STRICT, WITHOUT ROWID;
        """)
    }
  }

  /// As a new file is, and one whose maker was killed before it was a store.
  private func isEmpty() throws -> Bool {
    try database.integer("PRAGMA application_id") == 0
      && database.integer("SELECT count(*) FROM sqlite_schema") == 0
  }

  private func openForReading() throws {
    if try isEmpty() { throw VectorStoreError.unusable(path: path, reason: "is empty; 'insert' makes a store of it") }
    try check()
    // Held until the connection closes, so that no writer can take the file.
    _ = try database.integer("SELECT count(*) FROM collections")
  }

  /// What an error of SQLite means for who uses the store.
  static func refusal(_ error: SQLiteError, path: String) -> VectorStoreError {
    switch error {
    case .locked:
      .unusable(path: path, reason: "is in use by another process; wait for it to end, or name another file")
    case .corrupt(_, let reason):
      .unusable(path: path, reason: "is damaged or no store (\(reason)); move it aside, or restore it from a copy")
    case .diskFull:
      .unusable(path: path, reason: "cannot grow, as the disk is full; what was acknowledged before is safe")
    case .readOnly: .unusable(path: path, reason: "cannot be written; make it and its folder writable")
    case .unopenable(_, let reason):
      .unusable(path: path, reason: "cannot be opened (\(reason)); check the path and the rights to its folder")
    case .unloadable(let file, let reason):
      .unusable(path: file, reason: "is no extension that SQLite loads: \(reason)")
    case .failed(_, let reason): .unusable(path: path, reason: "SQLite failed: \(reason)")
    }
  }

  private func check() throws {
    try database.check(application: Self.applicationID, version: Self.version, path: path)
  }
}

/// The one connection of a store, shared by threads that wait for each other.
final class StoreConnection: @unchecked Sendable {  // `file` is touched by the holder of `lock` alone
  let path: String
  private let lock = NSLock()
  private var file: StoreFile?

  init(path: String, readOnly: Bool) throws {
    self.path = path
    file = try StoreFile(path: path, readOnly: readOnly)
  }

  /// - Throws: what `body` throws, errors of SQLite as `VectorStoreError.unusable`; the same once the store is closed.
  func use<T>(_ body: (StoreFile) throws -> T) throws -> T {
    lock.lock()
    defer { lock.unlock() }
    guard let file else { throw VectorStoreError.unusable(path: path, reason: "was closed; open the store again") }
    do {
      return try body(file)
    } catch let error as SQLiteError {
      throw StoreFile.refusal(error, path: path)
    }
  }

  func close() {
    lock.lock()
    defer { lock.unlock() }
    file = nil
  }
}
