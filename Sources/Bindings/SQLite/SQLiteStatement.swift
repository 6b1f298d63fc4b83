internal import CSQLite
import Foundation

/// A value bound to a statement.
package enum SQLiteValue {
  case null
  case integer(Int)
  case real(Double)
  case text(String)
  case blob([UInt8])
  /// A blob that is read where it lies, and must stay there until the statement has run.
  case memory(UnsafeRawBufferPointer)

  package static func optional(_ value: Double?) -> SQLiteValue { value.map(SQLiteValue.real) ?? .null }
  package static func optional(_ value: String?) -> SQLiteValue { value.map(SQLiteValue.text) ?? .null }
}

/// A prepared statement; finalised in `deinit`, which comes before its connection's.
final class SQLiteStatement {
  fileprivate let handle: OpaquePointer

  /// Tells SQLite to copy what it is given (`SQLITE_TRANSIENT`, a macro that Swift does not see).
  private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { sqlite3_finalize(handle) }

  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func step() -> SQLiteResultCode { SQLiteResultCode(rawValue: sqlite3_step(handle)) }

  func bind(_ values: [SQLiteValue]) -> SQLiteResultCode {
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      let result =
        switch value {
        case .null: sqlite3_bind_null(handle, place)
        case .integer(let number): sqlite3_bind_int64(handle, place, Int64(number))
        case .real(let number): sqlite3_bind_double(handle, place, number)
        case .text(let text):
          sqlite3_bind_text64(handle, place, text, UInt64(text.utf8.count), Self.transient, UInt8(SQLITE_UTF8))
        case .blob(let bytes): sqlite3_bind_blob64(handle, place, bytes, UInt64(bytes.count), Self.transient)
        // A null address would bind null instead of nothing.
        case .memory(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, place, 0)
        case .memory(let bytes): sqlite3_bind_blob64(handle, place, bytes.baseAddress, UInt64(bytes.count), nil)
        }
      if result != SQLITE_OK { return SQLiteResultCode(rawValue: result) }
    }
    return .ok
  }
}

/// A row, valid until the next one is asked for. A column of another type than asked for is damage.
package struct SQLiteRow {
  let statement: SQLiteStatement
  let path: String

  package func isNull(_ column: Int32) -> Bool { type(column) == SQLITE_NULL }

  package func integer(_ column: Int32) throws -> Int {
    try expect(column, SQLITE_INTEGER)
    return Int(sqlite3_column_int64(statement.handle, column))
  }

  package func real(_ column: Int32) throws -> Double {
    if type(column) != SQLITE_INTEGER { try expect(column, SQLITE_FLOAT) }
    return sqlite3_column_double(statement.handle, column)
  }

  package func text(_ column: Int32) throws -> String {
    try withText(column) { String(decoding: $0, as: UTF8.self) }
  }

  /// UTF-8 of a text, where SQLite holds it: valid until the next row is asked for.
  package func withText<T>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) throws -> T {
    try expect(column, SQLITE_TEXT)
    let start = sqlite3_column_text(statement.handle, column)
    return try body(
      UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement.handle, column))))
  }

  /// A blob where SQLite holds it: valid until the next row is asked for.
  package func withBlob<T>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
    try expect(column, SQLITE_BLOB)
    let start = sqlite3_column_blob(statement.handle, column)
    return try body(
      UnsafeRawBufferPointer(
        start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement.handle, column))))
  }

  package func blob(_ column: Int32) throws -> [UInt8] {
    try withBlob(column) { [UInt8]($0) }
  }

  package func optionalReal(_ column: Int32) throws -> Double? { isNull(column) ? nil : try real(column) }

  package func optionalText(_ column: Int32) throws -> String? { isNull(column) ? nil : try text(column) }

  private func type(_ column: Int32) -> Int32 { sqlite3_column_type(statement.handle, column) }

  private func expect(_ column: Int32, _ expected: Int32) throws {
    guard type(column) == expected else {
      let name = sqlite3_column_name(statement.handle, column).map { String(cString: $0) } ?? "\(column)"
      throw SQLiteError.corrupt(path: path, reason: "column '\(name)' holds a value of the wrong type")
    }
  }
}
