internal import Foundation

/// A Milvus server, whose answers are checked for the errors that come with HTTP status 200.
struct MilvusConnection: Sendable {
  let server: RemoteServer
  let database: String?

  var name: String { server.options.name }

  /// The body of a request about a collection.
  func body(_ collection: String? = nil) -> RemoteBody {
    var body = RemoteBody()
    if let database { body.add("dbName", database) }
    if let collection { body.add("collectionName", collection) }
    return body
  }

  /// Asks REST version 1 or 2 and answers `data` with what stands beside it.
  ///
  /// - Parameters:
  ///   - filter: the expression that the request carries.
  ///   - collection: the one that the request is about.
  func call(
    _ method: String, _ path: String, body: RemoteBody? = nil, filter: String = "", collection: String = ""
  ) throws(VectorStoreError) -> FieldValue {
    // Ids beyond 2^53 stay numbers, which are shorter and read faster; where a server does not know the header they come as texts.
    let answer = try server.call(method, path, body: body?.bytes, headers: ["Accept-Type-Allow-Int64: true"])
    if let refusal = Self.routeIsMissing(answer) { throw refusal }
    let value = try answer.value()
    guard let code = value["code"]?.integer else {
      throw answer.failure("answered with JSON that is not Milvus's: \(answer.excerpt); is it the right port?")
    }
    // Version 1 says 200, version 2 says 0, and its first releases said 200.
    guard code == 200 || code == 0 else {
      let message = value["message"]?.string ?? ""
      throw error(answer, code: code, message: message, filter: filter, collection: collection)
    }
    return value
  }

  /// Asks the legacy interface, whose errors stand in `status`, or are the whole answer.
  func legacy(
    _ method: String, _ path: String, body: RemoteBody, filter: String = "", collection: String = ""
  ) throws(VectorStoreError) -> FieldValue {
    let answer = try server.call(method, path, body: body.bytes)
    if let refusal = Self.routeIsMissing(answer) { throw refusal }
    let value = try answer.value()
    let status = value["status"] ?? value
    let code = status["code"]?.integer ?? status["error_code"]?.integer ?? 0
    guard code == 0, answer.isSuccess else {
      let message = status["reason"]?.string ?? status["detail"]?.string ?? answer.excerpt
      throw error(answer, code: code, message: message, filter: filter, collection: collection)
    }
    return value
  }

  /// What a server says of a path that it does not have.
  static func routeIsMissing(_ answer: RemoteAnswer) -> VectorStoreError? {
    guard answer.status == 404, answer.body.first != UInt8(ascii: "{") else { return nil }
    return answer.failure("is not there (HTTP status 404); is it Milvus's port, and is the server new enough?")
  }

  private func error(
    _ answer: RemoteAnswer, code: Int64, message: String, filter: String, collection: String
  ) -> VectorStoreError {
    switch code {
    case 100 where !collection.isEmpty, 4 where message.contains("collection not found"):
      return .noSuchCollection(collection, known: [])
    case 1800, 80001: return answer.failure(server.keyRefused)
    default: break
    }
    if !filter.isEmpty, message.contains("cannot parse expression") || message.contains("invalid expression") {
      return .invalidFilter(filter: filter, column: Self.column(message), reason: Self.line(message))
    }
    return answer.failure("was refused: \(Self.line(message)) (code \(code))")
  }

  /// ANTLR says "line 1:4", counting columns from 0.
  private static func column(_ message: String) -> Int {
    guard let place = message.range(of: "line 1:") else { return 1 }
    return (Int(message[place.upperBound...].prefix { $0.isNumber }) ?? 0) + 1
  }

  /// The message on one line, without what is only for those who know the source.
  private static func line(_ message: String) -> String {
    let text = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return text.count > 300 ? "\(text.prefix(300))…" : text
  }

  // MARK: - Rows of versions 1 and 2

  func key(_ value: FieldValue?, in collection: MilvusCollection, _ what: String) throws(VectorStoreError) -> PrimaryKey
  {
    switch (collection.schema.keyType, value) {
    case (.integer, let value?): if let number = value.integer { return .integer(number) }
    case (.string, .string(let text)?): return .string(text)
    default: break
    }
    throw .remote(
      name: name,
      reason:
        "\(what) of collection '\(collection.schema.name)' has \(value.map { "the key \($0.json)" } ?? "no key"); the collection's keys are \(collection.schema.keyType.rawValue)s"
    )
  }

  func rows(_ data: FieldValue?, fields: MilvusFields, in collection: MilvusCollection) throws -> [StoreRow] {
    try list(data, collection).map { object in
      guard var members = object.object else { throw malformed("a row that is no object", collection) }
      let key = try key(members.removeValue(forKey: collection.keyField), in: collection, "a row")
      let vector = try vector(members.removeValue(forKey: collection.vectorField), fields, collection)
      return StoreRow(key: key, vector: vector, fields: fields.select(members))
    }
  }

  func hits(_ data: FieldValue?, fields: MilvusFields, in collection: MilvusCollection) throws -> [SearchHit] {
    try list(data, collection).map { object in
      guard var members = object.object, let distance = members.removeValue(forKey: "distance")?.number else {
        throw malformed("a hit without a distance", collection)
      }
      // A collection whose key has another name may have it under "id" all the same.
      let key =
        members.removeValue(forKey: collection.keyField) ?? members.removeValue(forKey: MilvusCollection.keyName)
      members[collection.vectorField] = nil
      return SearchHit(
        key: try self.key(key, in: collection, "a hit"), distance: Float(distance), fields: fields.select(members))
    }
  }

  private func vector(
    _ value: FieldValue?, _ fields: MilvusFields, _ collection: MilvusCollection
  ) throws(VectorStoreError) -> [Float] {
    guard fields.vectors else { return [] }
    guard let vector = value?.vector, vector.count == collection.schema.dimension else {
      throw malformed("a row without its vector of \(collection.schema.dimension) numbers", collection)
    }
    return vector
  }

  private func list(_ data: FieldValue?, _ collection: MilvusCollection) throws(VectorStoreError) -> [FieldValue] {
    guard let list = data?.array else { throw malformed("no list of rows", collection) }
    return list
  }

  func malformed(_ what: String, _ collection: MilvusCollection) -> VectorStoreError {
    .remote(name: name, reason: "\(server.address) answered about collection '\(collection.schema.name)' with \(what)")
  }
}
