import Foundation
import PostgreSQL
import Testing

@Suite struct PostgreSQLAddressTests {
  @Test(arguments: [
    ("postgresql://u@127.0.0.1:5432/d", true), ("postgresql://u@localhost/d", true), ("postgresql:///d", true),
    ("host=/run/postgresql dbname=d", true), ("postgresql://u@[::1]/d", true), ("postgresql://u@db.example/d", false),
    ("postgresql://u@127.0.0.1,db.example/d", false), ("host=localhost hostaddr=192.0.2.1", false),
  ])
  func knowsWhatStaysOnThisMachine(url: String, isLocal: Bool) throws {
    #expect(try PostgreSQLAddress(url).isLocal == isLocal)
  }

  @Test func seesPasswordsAndTLS() throws {
    #expect(try PostgreSQLAddress("postgresql://u:p@h/d?sslmode=disable").holdsPassword)
    #expect(try PostgreSQLAddress("postgresql://u:p@h/d?sslmode=disable").namesTLS)
    #expect(try !PostgreSQLAddress("postgresql://u@h/d").holdsPassword)
    #expect(try !PostgreSQLAddress("postgresql://u@h/d").namesTLS)
    #expect(throws: PostgreSQLError.self) { try PostgreSQLAddress("postgresql://u:secret@[::1/d") }
  }
}

/// Against a real server, where `RAGMETER_POSTGRES_URL` names one.
@Suite struct PostgreSQLConnectionTests {
  static let url = ProcessInfo.processInfo.environment["RAGMETER_POSTGRES_URL"]
  static let missing: Comment = "RAGMETER_POSTGRES_URL names no server; 'scripts/systems up pgvector' starts one"

  @Test(.enabled(if: url != nil, missing)) func bringsValuesThereAndBack() throws {
    let connection = try PostgreSQLConnection(url: Self.url ?? "")
    let texts = ["", "a", "\"quoted\" \\ {x,y}", "été 日本", "NULL"]
    let back = try connection.query("SELECT unnest($1::text[])", [.array(texts)]) { $0.text(0) }
    #expect(back == texts)
    for number in [Int64.min, -1, 0, 1, .max] {
      #expect(try connection.integer("SELECT $1::bigint", [.text("\(number)")]) == number)
    }
    let real = try connection.query("SELECT $1::float8", [.text("-0.1")]) { try $0.real(0) }
    #expect(real == [-0.1])
    #expect(try connection.query("SELECT $1::text", [.null]) { $0.isNull(0) } == [true])
    let bytes = try connection.query("SELECT $1::bytea", [.bytes([0, 255, 7])]) { $0.withBytes(0) { Array($0) } }
    #expect(bytes == [[0, 255, 7]])
    #expect(throws: PostgreSQLError.self) { try connection.run("SELECT $1::text", [.text("\0")]) }
    #expect(throws: PostgreSQLError.self) { try connection.query("SELECT 'a'::text") { try $0.real(0) } }
  }

  @Test(.enabled(if: url != nil, missing)) func rollsBackAndGoesOn() throws {
    let connection = try PostgreSQLConnection(url: Self.url ?? "")
    try connection.execute("CREATE TEMPORARY TABLE t (a integer PRIMARY KEY)")
    try connection.run("INSERT INTO t VALUES (1)")
    let state = #expect(throws: PostgreSQLError.self) {
      try connection.transaction {
        try connection.run("INSERT INTO t VALUES (2)")
        try connection.run("INSERT INTO t VALUES (1)")
      }
    }?.state
    #expect(state == PostgreSQLError.uniqueViolation)
    #expect(try connection.integer("SELECT count(*) FROM t") == 1)
    // Data that is no COPY ends it with an error, and not the connection.
    #expect(throws: PostgreSQLError.self) { try connection.copy("COPY t FROM STDIN (FORMAT binary)", [1, 2, 3]) }
    try connection.copy("COPY t FROM STDIN", Array("7\n8\n".utf8))
    #expect(try connection.integer("SELECT count(*) FROM t") == 3)
    // More texts than are kept prepared.
    for number in 0..<600 { #expect(try connection.integer("SELECT \(number)") == Int64(number)) }
    #expect(connection.isSound)
  }
}
