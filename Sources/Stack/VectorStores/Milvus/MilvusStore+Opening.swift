internal import Foundation

extension MilvusStore {
  /// Opens a Milvus server, or Zilliz Cloud, and finds out which interface it has.
  ///
  /// Parameters of `milvus`: `url` (or `RAGMETER_MILVUS_URL`, or else http://127.0.0.1:19530), `database`, `consistency` (Strong,
  /// Session, Bounded, Eventually: instead of what each request says), `admin` (the other port of a 2.3 server, or
  /// `RAGMETER_MILVUS_ADMIN` where the address is not a parameter either). Of `zilliz`: `url` (or `ZILLIZ_URI`), `database`,
  /// `consistency`. Tokens come from `MILVUS_TOKEN` and `ZILLIZ_TOKEN`: `user:password`, or a key.
  ///
  /// - Throws: `VectorStoreError.invalidArgument` for parameters, `remote` for a server that is down, wants another key, or is none.
  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    let isCloud = specification.kind == "zilliz"
    try specification.check(known: ["url", "database", "consistency"] + (isCloud ? [] : ["admin"]))
    let parameters = specification.parameters
    let consistency = try parameters["consistency"].map { word in
      guard let level = MilvusConsistency.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() })
      else {
        throw VectorStoreError.invalidArgument(
          "no consistency is called '\(word)'; there are \(MilvusConsistency.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      return level
    }
    if let database = parameters["database"] {
      // It stands in paths.
      guard !database.isEmpty, database.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
      else {
        throw VectorStoreError.invalidArgument(
          "no database can be called '\(database)'; names are letters, digits and underscores")
      }
    }
    let variable = isCloud ? "ZILLIZ_TOKEN" : "MILVUS_TOKEN"
    let key = try RemoteKey(variable: variable, environment: environment)
    func connection(_ url: String) throws -> MilvusConnection {
      let options = RemoteServer.Options(
        name: specification.kind, start: isCloud ? nil : "scripts/systems up milvus", keyVariable: variable)
      return MilvusConnection(
        server: try RemoteServer(RemoteAddress(parsing: url), key: key, options: options),
        database: parameters["database"])
    }
    guard !isCloud else {
      guard let url = parameters["url"] ?? environment["ZILLIZ_URI"] else {
        throw VectorStoreError.invalidArgument(
          "zilliz needs the cluster's address: set ZILLIZ_URI, or write zilliz:url=https://…")
      }
      guard key != nil else {
        throw VectorStoreError.invalidArgument("zilliz needs the cluster's key; set ZILLIZ_TOKEN")
      }
      let connection = try connection(url)
      _ = try MilvusV2(connection: connection, notice: notice).names()
      return MilvusStore(
        interface: MilvusV2(connection: connection, notice: notice), name: "zilliz", consistency: consistency,
        notice: notice)
    }
    let server = try connection(parameters["url"] ?? environment["RAGMETER_MILVUS_URL"] ?? "http://127.0.0.1:19530")
    let admin = parameters["admin"] ?? (parameters["url"] == nil ? environment["RAGMETER_MILVUS_ADMIN"] : nil)
    let interface = try detect(server, admin: admin.map { try connection($0) }, notice: notice)
    return MilvusStore(interface: interface, name: "milvus", consistency: consistency, notice: notice)
  }

  /// Asks for the list of collections, which both versions answer and other servers do not.
  private static func detect(
    _ server: MilvusConnection, admin: MilvusConnection?, notice: @escaping @Sendable (String) -> Void
  ) throws -> any MilvusInterface {
    let answer = try server.server.call("POST", "/v2/vectordb/collections/list", body: server.body().bytes)
    if MilvusConnection.routeIsMissing(answer) == nil {
      let version = MilvusV2(connection: server, notice: notice)
      _ = try version.names()
      return version
    }
    let version = MilvusV1(connection: server, legacy: admin.map { MilvusLegacy(connection: $0) })
    _ = try version.names()
    if let admin {
      let health = try admin.server.call("GET", "/api/v1/health")
      guard try health.value()["status"]?.string == "ok" else {
        throw health.failure("does not say that it is well: \(health.excerpt); is it the port of Milvus's metrics?")
      }
    } else {
      notice(
        "milvus: this server has REST v1 alone: searches see what was acknowledged only after a while, take one vector a call and no parameters; name its other port too, as in milvus:admin=http://127.0.0.1:9091, for more"
      )
    }
    return version
  }
}
