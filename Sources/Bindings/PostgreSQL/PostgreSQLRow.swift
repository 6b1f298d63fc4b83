internal import CPostgreSQL

/// The answer to a statement, freed in `deinit`.
final class PostgreSQLResult {
  let handle: OpaquePointer?

  init(_ handle: OpaquePointer?) { self.handle = handle }

  deinit { PQclear(handle) }

  var status: ExecStatusType { PQresultStatus(handle) }
  var rows: Int32 { PQntuples(handle) }

  /// Rows that were inserted, updated or deleted; 0 for a statement that does none of it.
  var changed: Int { PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }
}

/// A row of an answer, in binary; not to be kept. A column of another type than asked for is an error.
package struct PostgreSQLRow {
  let result: PostgreSQLResult
  let row: Int32

  package func isNull(_ column: Int32) -> Bool { PQgetisnull(result.handle, row, column) == 1 }

  /// The bytes of a value as PostgreSQL sends its type: UTF-8 of text and json.
  package func withBytes<T>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    let count = Int(PQgetlength(result.handle, row, column))
    guard let start = PQgetvalue(result.handle, row, column) else {
      return try body(UnsafeBufferPointer(start: nil, count: 0))
    }
    return try start.withMemoryRebound(to: UInt8.self, capacity: count) {
      try body(UnsafeBufferPointer(start: $0, count: count))
    }
  }

  package func text(_ column: Int32) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

  /// Of `smallint`, `integer` or `bigint`.
  package func integer(_ column: Int32) throws -> Int64 {
    try withBytes(column) { bytes in
      switch bytes.count {
      case 2: Int64(Int16(bitPattern: UInt16(Self.bits(bytes))))
      case 4: Int64(Int32(bitPattern: UInt32(Self.bits(bytes))))
      case 8: Int64(bitPattern: Self.bits(bytes))
      default: throw mistake(column, "integer")
      }
    }
  }

  /// Of `double precision`.
  package func real(_ column: Int32) throws -> Double {
    try withBytes(column) { bytes in
      guard bytes.count == 8 else { throw mistake(column, "double precision") }
      return Double(bitPattern: Self.bits(bytes))
    }
  }

  private static func bits(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func mistake(_ column: Int32, _ type: String) -> PostgreSQLError {
    let name = PQfname(result.handle, column).map { String(cString: $0) } ?? "\(column)"
    return PostgreSQLError("column '\(name)' is no \(type)")
  }
}
