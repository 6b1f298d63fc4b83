internal import CSQLite
import Foundation

/// A connection to a database file; closed in `deinit`. Not for use from two threads at once.
package final class SQLiteDatabase {
  package let path: String
  private let handle: OpaquePointer
  /// Prepared once, by their text. Emptied before the connection closes.
  private var statements: [String: SQLiteStatement] = [:]

  /// Texts that are drawn up anew, such as filters, must not fill the memory.
  private static var mostStatements: Int { 256 }

  /// - Parameter busyTimeout: seconds to wait for another process's lock.
  /// - Throws: `SQLiteError`.
  package init(path: String, readOnly: Bool, busyTimeout: Double) throws {
    var opened: OpaquePointer?
    let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let result = SQLiteResultCode(rawValue: sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_EXRESCODE, nil))
    guard result == .ok, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw result.error(path: path, message: message)
    }
    self.path = path
    handle = opened
    // A file that may not be written is opened for reading, without a word.
    if !readOnly, sqlite3_db_readonly(handle, "main") == 1 { throw SQLiteError.readOnly(path: path) }
    sqlite3_busy_timeout(handle, Int32(min(busyTimeout * 1_000, Double(Int32.max))))
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Loads an extension into this connection; SQL itself cannot load others.
  ///
  /// - Throws: `SQLiteError.unloadable` for a file that is none, or that is of another platform.
  package func load(extension file: String) throws {
    sqlite3_enable_load_extension(handle, 1)
    defer { sqlite3_enable_load_extension(handle, 0) }
    var message: UnsafeMutablePointer<CChar>?
    defer { sqlite3_free(message) }
    guard sqlite3_load_extension(handle, file, nil, &message) == SQLITE_OK else {
      throw SQLiteError.unloadable(
        extension: file, reason: message.map { String(cString: $0) } ?? "SQLite gives no reason")
    }
  }

  /// Runs statements that take and give nothing.
  package func execute(_ sql: String) throws {
    try check(SQLiteResultCode(rawValue: sqlite3_exec(handle, sql, nil, nil, nil)))
  }

  /// Runs one statement with its values bound in order, and hands each row to `body`.
  package func query<T>(_ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteRow) throws -> T) throws -> [T] {
    let statement = try prepared(sql)
    defer { statement.reset() }
    try check(statement.bind(values))
    var rows: [T] = []
    while true {
      let result = statement.step()
      if result == .done { return rows }
      guard result == .row else { throw error(result) }
      rows.append(try body(SQLiteRow(statement: statement, path: path)))
    }
  }

  /// Runs one statement that gives no rows.
  package func run(_ sql: String, _ values: [SQLiteValue] = []) throws {
    _ = try query(sql, values) { _ in }
  }

  /// The first column of the first row as an integer; 0 without rows.
  package func integer(_ sql: String, _ values: [SQLiteValue] = []) throws -> Int {
    try query(sql, values) { try $0.integer(0) }.first ?? 0
  }

  package var lastInsertedRow: Int { Int(sqlite3_last_insert_rowid(handle)) }

  /// Rows that the last statement inserted, updated or deleted.
  package var changedRows: Int { Int(sqlite3_changes64(handle)) }

  /// All that `body` writes is stored together or, if it throws or the process dies, not at all.
  package func transaction<T>(_ body: () throws -> T) throws -> T {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A failure such as a full disk has rolled back by itself; then this one has nothing to do.
      if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  private func prepared(_ sql: String) throws -> SQLiteStatement {
    if let statement = statements[sql] { return statement }
    // Those that are running are held by who runs them.
    if statements.count >= Self.mostStatements { statements.removeAll() }
    var prepared: OpaquePointer?
    try check(
      SQLiteResultCode(
        rawValue: sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)))
    guard let prepared else { throw SQLiteError.failed(path: path, reason: "an empty statement") }
    let statement = SQLiteStatement(prepared)
    statements[sql] = statement
    return statement
  }

  private func check(_ result: SQLiteResultCode) throws {
    guard result == .ok else { throw error(result) }
  }

  private func error(_ result: SQLiteResultCode) -> SQLiteError {
    result.error(path: path, message: String(cString: sqlite3_errmsg(handle)))
  }
}
