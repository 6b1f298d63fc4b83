internal import PostgreSQL

extension PGVectorStore {
  /// By a specification: `url`, or else the environment's `RAGMETER_POSTGRES_URL`. The password comes from `PGPASSWORD`, or
  /// stands in the environment's address.
  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    try specification.check(known: ["url"])
    if let url = specification.parameters["url"], !url.isEmpty {
      guard try !PGVectorDatabase.address(url).holdsPassword else {
        throw VectorStoreError.invalidArgument(
          "the url of store 'pgvector' holds a password; take it out and give it by the environment's PGPASSWORD")
      }
      return try PGVectorStore(url: url, password: environment["PGPASSWORD"])
    }
    guard let url = environment["RAGMETER_POSTGRES_URL"], !url.isEmpty else {
      throw VectorStoreError.invalidArgument(
        "store 'pgvector' needs an address: pgvector:url=postgresql://user@host:port/database, or the environment's "
          + "RAGMETER_POSTGRES_URL; 'scripts/systems up pgvector' starts a server on this machine")
    }
    return try PGVectorStore(url: url, password: environment["PGPASSWORD"])
  }
}

extension PGVectorDatabase {
  static func address(_ url: String) throws(VectorStoreError) -> PostgreSQLAddress {
    do {
      return try PostgreSQLAddress(url)
    } catch {
      throw .invalidArgument("store 'pgvector': \(error)")
    }
  }

  /// What is said to libpq besides the address. What goes to another machine is encrypted, unless the address says otherwise.
  static func parameters(of url: String, password: String?) throws(VectorStoreError) -> [String: String] {
    var parameters = ["client_encoding": "UTF8", "connect_timeout": "10", "application_name": "ragmeter"]
    let address = try address(url)
    if let password { parameters["password"] = password }
    if !address.isLocal, !address.namesTLS { parameters["sslmode"] = "require" }
    return parameters
  }
}
