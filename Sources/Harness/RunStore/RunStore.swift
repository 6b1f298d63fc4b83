import Foundation
package import SQLite

/// Runs in a SQLite database. What a call has stored survives the process being killed, and the machine losing power,
/// at any moment after; a call cut short leaves nothing of itself.
///
/// A store belongs to one thread at a time. Several stores, in one or several processes, may read one file while one
/// writes. Every call throws `RunStoreError` or `SQLiteError`.
public final class RunStore {
  public enum Access: Sendable {
    /// Creates the file and its folder if need be.
    case readWrite
    case readOnly
  }

  public let path: String
  package let database: SQLiteDatabase

  /// - Parameter busyTimeout: seconds to wait for another process's write.
  public init(path: String, access: Access = .readWrite, busyTimeout: Double = 10) throws {
    self.path = path
    switch access {
    case .readWrite:
      try Self.createFolder(of: path)
      database = try SQLiteDatabase(path: path, readOnly: false, busyTimeout: busyTimeout)
      try database.execute("PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")
      try Schema.check(database)
      // A lost commit is a lost case, so that each is synced; it happens between measured passes, never in one.
      _ = try database.query("PRAGMA journal_mode = WAL") { try $0.text(0) }
      try database.execute("PRAGMA synchronous = FULL")
      try Schema.migrate(database)
    case .readOnly:
      guard FileManager.default.fileExists(atPath: path) else {
        throw SQLiteError.unopenable(path: path, reason: "there is no such file")
      }
      database = try SQLiteDatabase(path: path, readOnly: true, busyTimeout: busyTimeout)
      try database.execute("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")
      try Schema.check(database)
      guard try Schema.version(database) == Schema.steps.count else {
        throw SQLiteError.failed(path: path, reason: "its schema is older; open it once for writing to update it")
      }
    }
  }

  private static func createFolder(of path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SQLiteError.unopenable(path: path, reason: "its folder cannot be made")
    }
  }
}
