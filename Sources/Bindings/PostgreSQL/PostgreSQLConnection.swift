internal import CPostgreSQL

/// A connection to a server; closed in `deinit`. Not for use from two threads at once.
package final class PostgreSQLConnection {
  private let handle: OpaquePointer
  /// Names of prepared statements, by their text.
  private var statements: [String: String] = [:]
  private var lastStatement = 0
  /// Session settings that were made.
  private var settings: [String: String] = [:]

  /// Texts that are drawn up anew, such as filters, must not fill the server's memory.
  private static var mostStatements: Int { 256 }

  /// - Parameters:
  ///   - url: `postgresql://user@host:port/database?…`, or `keyword=value …`, as libpq reads them.
  ///   - parameters: libpq's keywords, which win over the url.
  /// - Throws: `PostgreSQLError` for a server that cannot be reached or refuses.
  package init(url: String, parameters: [String: String] = [:]) throws(PostgreSQLError) {
    let given = [("dbname", url)] + parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let opened = Self.withCStrings(given.map(\.0)) { keywords in
      Self.withCStrings(given.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
    }
    guard let opened else { throw PostgreSQLError("there is no memory for a connection") }
    guard PQstatus(opened) == CONNECTION_OK else {
      let reason = Self.sentence(PQerrorMessage(opened))
      PQfinish(opened)
      throw PostgreSQLError(reason)
    }
    handle = opened
    // What the server notices would go to standard error.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
  }

  deinit { PQfinish(handle) }

  /// Whether the server is still there, as far as the last statement has shown.
  package var isSound: Bool { PQstatus(handle) == CONNECTION_OK }

  /// Runs statements that take and give nothing.
  package func execute(_ sql: String) throws(PostgreSQLError) {
    _ = try checked(PostgreSQLResult(PQexec(handle, sql)))
  }

  /// Runs one statement with its values, prepared once, and hands each row to `body`.
  package func query<T>(
    _ sql: String, _ values: [PostgreSQLValue] = [], _ body: (PostgreSQLRow) throws -> T
  ) throws -> [T] {
    let result = try run(prepared: sql, values)
    return try (0..<result.rows).map { try body(PostgreSQLRow(result: result, row: $0)) }
  }

  /// Runs one statement that gives no rows.
  ///
  /// - Returns: rows that it inserted, updated or deleted.
  @discardableResult
  package func run(_ sql: String, _ values: [PostgreSQLValue] = []) throws(PostgreSQLError) -> Int {
    try run(prepared: sql, values).changed
  }

  /// The first column of the first row as an integer; nil without rows.
  package func integer(_ sql: String, _ values: [PostgreSQLValue] = []) throws -> Int64? {
    try query(sql, values) { try $0.integer(0) }.first
  }

  /// Sets a parameter for the session, where it is not so already.
  package func set(_ name: String, _ value: String) throws {
    if settings[name] == value { return }
    _ = try query("SELECT set_config($1, $2, false)", [.text(name), .text(value)]) { _ in }
    settings[name] = value
  }

  /// All that `body` writes is stored together or, if it throws or the connection breaks, not at all.
  package func transaction<T>(_ body: () throws -> T) throws -> T {
    try execute("BEGIN")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      if PQtransactionStatus(handle) != PQTRANS_IDLE { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Feeds `bytes` to a `COPY … FROM STDIN`.
  package func copy(_ sql: String, _ bytes: [UInt8]) throws(PostgreSQLError) {
    let begun = PostgreSQLResult(PQexec(handle, sql))
    guard begun.status == PGRES_COPY_IN else {
      _ = try checked(begun)
      throw PostgreSQLError("'\(sql)' takes no data")
    }
    var failure: PostgreSQLError?
    var rest = bytes[...]
    while !rest.isEmpty, failure == nil {
      let piece = rest.prefix(1 << 20)
      let sent = piece.withUnsafeBytes { bytes in
        PQputCopyData(handle, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count))
      }
      if sent != 1 { failure = PostgreSQLError(Self.sentence(PQerrorMessage(handle))) }
      rest = rest.dropFirst(piece.count)
    }
    if PQputCopyEnd(handle, nil) != 1, failure == nil {
      failure = PostgreSQLError(Self.sentence(PQerrorMessage(handle)))
    }
    while let next = PQgetResult(handle) {
      do { _ = try checked(PostgreSQLResult(next)) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func run(prepared sql: String, _ values: [PostgreSQLValue]) throws(PostgreSQLError) -> PostgreSQLResult {
    let name = try prepare(sql)
    for case .text(let text) in values where text.utf8.contains(0) {
      throw PostgreSQLError("a text holds U+0000, which PostgreSQL cannot hold")
    }
    // A text ends with a zero, by which libpq knows its length.
    let bytes: [[UInt8]?] = values.map { value in
      switch value {
      case .null: nil
      case .text(let text): Array(text.utf8) + [0]
      case .bytes(let bytes): bytes
      }
    }
    let formats = values.map { value -> Int32 in if case .bytes = value { 1 } else { 0 } }
    let lengths = bytes.map { Int32($0?.count ?? 0) }
    let joined = bytes.flatMap { $0 ?? [] }
    let result = joined.withUnsafeBytes { memory in
      let start = memory.bindMemory(to: CChar.self).baseAddress
      var offset = 0
      let places = bytes.map { value -> UnsafePointer<CChar>? in
        guard let value else { return nil }
        defer { offset += value.count }
        return start.map { $0 + offset }
      }
      return PQexecPrepared(handle, name, Int32(values.count), places, lengths, formats, 1)
    }
    return try checked(PostgreSQLResult(result))
  }

  private func prepare(_ sql: String) throws(PostgreSQLError) -> String {
    if let known = statements[sql] { return known }
    if statements.count >= Self.mostStatements {
      try execute("DEALLOCATE ALL")
      statements.removeAll()
    }
    lastStatement += 1
    let name = "s\(lastStatement)"
    _ = try checked(PostgreSQLResult(PQprepare(handle, name, sql, 0, nil)))
    statements[sql] = name
    return name
  }

  private func checked(_ result: PostgreSQLResult) throws(PostgreSQLError) -> PostgreSQLResult {
    switch result.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return result
    default: break
    }
    guard let answer = result.handle, let primary = PQresultErrorField(answer, Self.field("M")) else {
      throw PostgreSQLError(Self.sentence(PQerrorMessage(handle)))
    }
    let state = PQresultErrorField(answer, Self.field("C")).map { String(cString: $0) } ?? ""
    let detail = PQresultErrorField(answer, Self.field("D")).map { " (\(Self.sentence($0)))" } ?? ""
    throw PostgreSQLError(state: state, Self.sentence(primary) + detail)
  }

  /// `PG_DIAG_MESSAGE_PRIMARY` and its like are characters.
  private static func field(_ letter: Unicode.Scalar) -> Int32 { Int32(letter.value) }

  private static func sentence(_ message: UnsafePointer<CChar>?) -> String {
    guard let message else { return "it gives no reason" }
    let lines = String(cString: message).split(whereSeparator: \.isNewline)
    let words = lines.joined(separator: "; ").split(separator: " ").joined(separator: " ")
    return words.isEmpty ? "it gives no reason" : words
  }

  /// Lends `strings` as C wants a list of them: ended by a null pointer.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
  ) -> Result {
    let bytes = strings.map { Array($0.utf8) + [0] }
    let joined = bytes.flatMap { $0 }
    return joined.withUnsafeBytes { memory in
      let start = memory.bindMemory(to: CChar.self).baseAddress
      var offset = 0
      let places = bytes.map { string -> UnsafePointer<CChar>? in
        defer { offset += string.count }
        return start.map { $0 + offset }
      }
      return body(places + [nil])
    }
  }
}
