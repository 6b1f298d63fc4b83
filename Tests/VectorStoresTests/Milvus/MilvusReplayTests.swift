import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// What Milvus 2.3.5 answered, against what the store makes of it.
@Suite struct MilvusReplayTests {
  /// The answer of a server that has no version 2, which comes first.
  static let noVersionTwo = ReplayedExchange(
    "POST", "/v2/vectordb/collections/list", request: nil, status: 404, contentType: "text/plain",
    body: "404 page not found")
  private static let health = ReplayedExchange("GET", "/api/v1/health", body: #"{"status":"ok"}"#)

  private func open(_ url: String, admin: Bool = false, environment: [String: String] = [:]) throws -> any VectorStore {
    try StoreFactory.open(
      StoreSpecification(
        kind: "milvus", parameters: ["url": url].merging(admin ? ["admin": url] : [:]) { given, _ in given }),
      environment: environment)
  }

  @Test func versionOneIsReadAsItWasCaptured() throws {
    guard let captured = try ReplayTranscript.reference("milvus/milvus-rest-v1.txt") else { return }
    let stub = try ReplayServer([Self.noVersionTwo] + captured)
    let store = try open(stub.url)
    let inserted = try store.insert(
      [
        StoreRow(key: nil, vector: [0.1, 0.2, 0.3, 0.4], fields: ["text": .string("hello"), "n": .integer(1)]),
        StoreRow(key: nil, vector: [0.4, 0.3, 0.2, 0.1], fields: ["text": .string("world"), "n": .integer(2)]),
      ], into: "c1")
    // Ids came as texts, and are integers.
    #expect(inserted.keys == [.integer(470_586_966_931_407_032), .integer(470_586_966_931_407_033)])

    let request = SearchRequest(vectors: [0.1, 0.2, 0.3, 0.4], limit: 3, outputFields: .named(["text", "n"]))
    let hits = try store.search(request, in: "c1")
    #expect(hits[0].map(\.distance) == [0.44, 0.3, 0.20000002])
    #expect(hits[0].map(\.key) == [35, 32, 33].map { .integer(470_586_966_931_407_000 + $0) })
    #expect(hits[0][0].fields == ["text": .string("single"), "n": .integer(3)])

    let rows = try store.query(
      QueryRequest(filter: "n >= 1", outputFields: .named(["text", "n"]), limit: 2), in: "c1")
    #expect(rows.map(\.fields["text"]) == [.string("hello"), .string("world")])

    #expect(
      failure {
        _ = try store.search(
          SearchRequest(vectors: [0.1, 0.2, 0.3, 0.4], limit: 3, filter: "n >>> 2"), in: "c1")
      }?.hasPrefix("filter 'n >>> 2': column 5: failed to create query plan: cannot parse expression") == true)
    #expect(
      failure { _ = try store.insert([StoreRow(key: nil, vector: [0, 0, 0, 0])], into: "nope") }
        == "no collection is called 'nope'; there are c1, c2, c4, c6")
    try store.drop(collection: "c2")
    #expect(failure { try store.drop(collection: "nope") }?.hasPrefix("no collection is called 'nope'") == true)
    #expect(stub.strangers.isEmpty)
    // Detection, list, then everything over one connection.
    #expect(stub.connections == 1)
  }

  @Test func explicitIndexesGoOverTheOtherPort() throws {
    guard let captured = try ReplayTranscript.reference("milvus/milvus-9091.txt") else { return }
    let none = ReplayedExchange("GET", "/v1/vector/collections", body: #"{"code":200,"data":[]}"#)
    let created = ReplayedExchange("POST", "/api/v1/collection", request: nil, body: "{}")
    let stub = try ReplayServer([Self.noVersionTwo, Self.health, none, created] + captured)
    let store = try open(stub.url, admin: true)
    try store.create(.small("h1", metric: .ip, kind: "hnsw", ["m": "16", "ef_construction": "200"]))
    let creation = stub.requests.first { $0.path == "/api/v1/collection" }.map {
      String(decoding: $0.body, as: UTF8.self)
    }
    #expect(creation?.contains(#""enable_dynamic_field":true"#) == true)
    #expect(creation?.contains(#"{"key":"dim","value":"4"}"#) == true)

    var request = SearchRequest(vectors: [0.1, 0.2, 0.3, 0.4], limit: 2, outputFields: .named(["id"]))
    request.parameters.ef = 64
    let hits = try store.search(request, in: "h1")[0]
    #expect(hits.map(\.key) == [.integer(1), .integer(2)])
    #expect(hits.map(\.distance) == [0.3, 0.20000002])
    let upserted = try store.upsert([StoreRow(key: .integer(2), vector: [0.9, 0.3, 0.2, 0.1])], into: "h1")
    #expect(upserted.keys == [.integer(2)])
    #expect(stub.strangers.isEmpty)
  }

  @Test func tokensAreAskedForAndRefused() throws {
    guard let captured = try ReplayTranscript.reference("milvus/milvus-auth.txt") else { return }
    let exchanges = [nil, "Bearer root:Milvus", "Bearer root:wrong"].map { key in
      var exchange = Self.noVersionTwo
      exchange.authorization = key
      return exchange
    }
    let stub = try ReplayServer(exchanges + captured)
    let place = "milvus: GET /v1/vector/collections of \(stub.url)"
    #expect(failure { _ = try open(stub.url) } == "\(place) wants a key; set MILVUS_TOKEN")
    #expect(
      failure { _ = try open(stub.url, environment: ["MILVUS_TOKEN": "root:wrong"]) }
        == "\(place) refused the key from MILVUS_TOKEN; set MILVUS_TOKEN to one that it accepts")
    #expect(try open(stub.url, environment: ["MILVUS_TOKEN": "root:Milvus"]).collections().isEmpty)
  }
}
