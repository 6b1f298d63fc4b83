internal import Foundation
internal import SQLite

/// The connections to one file: one that writes, and as many as read at once.
final class SQLiteVecConnections: Sendable {
  private let path: String
  private let pool: ConnectionPool<SQLiteVecFile>
  /// Held for the whole of a write.
  private let writing = NSLock()

  /// - Throws: `VectorStoreError.unusable`.
  init(path: String, extension file: String) throws {
    self.path = path
    pool = try Self.refusing(path) {
      try ConnectionPool(closed: .unusable(path: path, reason: "was closed; open the store again")) {
        try SQLiteVecFile(path: path, extension: file)
      }
    }
  }

  /// - Throws: what `body` throws, errors of SQLite as `VectorStoreError.unusable`; the same once the store is closed.
  func read<T>(_ body: (SQLiteVecFile) throws -> T) throws -> T {
    try Self.refusing(path) { try pool.use(body) }
  }

  /// The same, alone among the writers of this process.
  func write<T>(_ body: (SQLiteVecFile) throws -> T) throws -> T {
    try writing.withLock { try read(body) }
  }

  func close() { pool.close() }

  private static func refusing<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as SQLiteError {
      throw StoreFile.refusal(error, path: path)
    }
  }
}
