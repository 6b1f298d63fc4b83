internal import CPostgreSQL

/// What a connection string says of where the server is.
package struct PostgreSQLAddress: Sendable, Equatable {
  /// Names and addresses of the hosts; empty for the local socket.
  package var hosts: [String]
  package var holdsPassword: Bool
  package var namesTLS: Bool

  /// - Throws: `PostgreSQLError` for a text that libpq cannot read; the text is not in it.
  package init(_ url: String) throws(PostgreSQLError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      PQfreemem(message)
      throw PostgreSQLError("the address is none; write postgresql://user@host:port/database")
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    hosts = ["host", "hostaddr"].flatMap { values[$0]?.split(separator: ",").map(String.init) ?? [] }
    holdsPassword = values["password"] != nil
    namesTLS = values["sslmode"] != nil
  }

  /// Whether nothing leaves this machine: a socket of the file system, or the loopback interface.
  package var isLocal: Bool {
    hosts.allSatisfy { $0.hasPrefix("/") || $0 == "localhost" || $0.hasPrefix("127.") || $0 == "::1" }
  }
}
