import Foundation
import Synchronization
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// REST version 2 as its handlers read and answer (milvus, internal/distributed/proxy/httpserver, 2.4 to 2.6), played by a stub.
@Suite struct MilvusV2Tests {
  /// Answers each path with its next body, and with the last again.
  private final class Script: Sendable {
    private let answers: Mutex<[String: [String]]>

    init(_ answers: [String: [String]]) { self.answers = Mutex(answers) }

    func answer(_ path: String) -> String {
      answers.withLock { answers in
        guard let list = answers[path], let first = list.first else {
          return #"{"code":65535,"message":"the stub has no \#(path)"}"#
        }
        if list.count > 1 { answers[path] = Array(list.dropFirst()) }
        return first
      }
    }
  }

  private static let described =
    #"{"code":0,"data":{"autoId":false,"collectionName":"c","description":"","enableDynamicField":true,"fields":[{"autoId":false,"name":"id","primaryKey":true,"type":"VarChar","params":[{"key":"max_length","value":"65535"}]},{"name":"vector","primaryKey":false,"type":"FloatVector","params":[{"key":"dim","value":"2"}]}],"indexes":[{"fieldName":"vector","indexName":"vector","metricType":"COSINE"}],"load":"LoadStateLoaded","properties":[]}}"#

  private func stub(_ answers: [String: [String]]) throws -> FaultServer {
    let script = Script(
      [
        "collections/list": [#"{"code":0,"data":["c"]}"#], "collections/describe": [Self.described],
      ].merging(answers) { _, given in given })
    return try FaultServer { request, _ in
      [.answer(script.answer(String(request.path.dropFirst("/v2/vectordb/".count))))]
    }
  }

  private func open(
    _ stub: FaultServer, _ parameters: [String: String] = [:], kind: String = "milvus",
    environment: [String: String] = [:],
    notices: StoreFixture.Notices = StoreFixture.Notices()
  ) throws -> any VectorStore {
    try StoreFactory.open(
      StoreSpecification(kind: kind, parameters: parameters.merging(["url": stub.url]) { given, _ in given }),
      environment: environment
    ) { notices.add($0) }
  }

  /// Bodies of the requests to a path, as canonical JSON.
  private func bodies(_ stub: FaultServer, _ path: String) throws -> [String] {
    try stub.requests.filter { $0.path == "/v2/vectordb/\(path)" }
      .map { try FieldValue(json: String(decoding: $0.body, as: UTF8.self)).json }
  }

  @Test func collectionsAreMadeWithSchemaIndexAndConsistency() throws {
    let stub = try stub([
      "collections/list": [#"{"code":0,"data":[]}"#], "collections/create": [#"{"code":0,"data":{}}"#],
      "collections/alter_properties": [#"{"code":0,"data":{}}"#],
    ])
    let store = try open(stub, ["database": "db1", "consistency": "bounded"])
    var schema = CollectionSchema.small(
      "c", dimension: 2, metric: .cosine, keyType: .string, kind: "hnsw", ["m": "8", "ef_construction": "40"])
    schema.properties = ["embedder": "minilm"]
    try store.create(schema)
    let body = try #require(try bodies(stub, "collections/create").first)
    for part in [
      #""collectionName":"c""#, #""dbName":"db1""#, #""consistencyLevel":"Bounded""#, #""autoID":false"#,
      #""enableDynamicField":true"#,
      #"{"dataType":"VarChar","elementTypeParams":{"max_length":65535},"fieldName":"id","isPrimary":true}"#,
      #"{"dataType":"FloatVector","elementTypeParams":{"dim":2},"fieldName":"vector"}"#,
      #""indexParams":[{"fieldName":"vector","indexName":"vector","indexType":"HNSW","metricType":"COSINE","params":{"M":8,"efConstruction":40,"index_type":"HNSW"}}]"#,
    ] { #expect(body.contains(part), "\(body)") }
    // The server kept no description, so the note went into a property.
    let note = try #require(try bodies(stub, "collections/alter_properties").first)
    #expect(note.contains("minilm"))
  }

  @Test func whatCannotBeKeptIsSaid() throws {
    let stub = try stub([
      "collections/list": [#"{"code":0,"data":[]}"#], "collections/create": [#"{"code":200,"data":{}}"#],
    ])
    let notices = StoreFixture.Notices()
    try open(stub, notices: notices).create(.small("c", dimension: 2, metric: .cosine, keyType: .string))
    #expect(
      notices.all == [
        "milvus: the server keeps no word about collection 'c': which index it has and what its vectors are of is not listed"
      ])
  }

  @Test func descriptionsAreReadBack() throws {
    let note = #"ragmeter {\"index\":{\"kind\":\"ivf\",\"parameters\":{\"nlist\":\"8\"}},\"properties\":{\"a\":\"b\"}}"#
    let stub = try stub([
      "collections/list": [#"{"code":0,"data":["binary","c"]}"#],
      "collections/describe": [
        #"{"code":0,"data":{"fields":[{"name":"id","primaryKey":true,"type":"Int64"},{"name":"v","type":"BinaryVector(8)"}]}}"#,
        Self.described.replacing(#""description":"""#, with: #""description":"\#(note)""#),
      ],
      "entities/query": [#"{"code":0,"data":[{"count(*)":7}]}"#],
      "indexes/describe": [#"{"code":0,"data":[{"indexState":"Finished","indexedRows":5,"totalRows":7}]}"#],
    ])
    let found = try open(stub).collections()
    #expect(found.count == 1)
    #expect(found.first?.schema.index == IndexSpecification(kind: "ivf", parameters: ["nlist": "8"]))
    #expect(found.first?.schema.properties == ["a": "b"])
    #expect(found.first?.schema.metric == .cosine)
    #expect(found.first?.rows == 7)
    #expect(found.first?.indexedRows == 5)
  }

  @Test func rowsAreWrittenAndCountedOut() throws {
    let stub = try stub([
      "entities/insert": [
        #"{"code":0,"data":{"insertCount":2,"insertIds":["a","b"]}}"#,
        #"{"code":0,"data":{"insertCount":1,"insertIds":["a"]}}"#,
      ],
      "entities/upsert": [#"{"code":0,"data":{"upsertCount":1,"upsertIds":["a"]}}"#],
      "entities/query": [#"{"code":0,"data":[{"count(*)":2}]}"#],
      "entities/delete": [#"{"code":0,"data":{"deleteCount":2}}"#],
    ])
    let store = try open(stub)
    let rows = ["a", "b"].map {
      StoreRow(key: .string($0), vector: [0.5, -1], fields: ["n": .null, "x": .number(1e-05)])
    }
    #expect(try store.insert(rows, into: "c").keys == [.string("a"), .string("b")])
    #expect(
      try bodies(stub, "entities/insert")
        == [
          #"{"collectionName":"c","data":[{"id":"a","n":null,"vector":[0.5,-1],"x":1.0e-05},{"id":"b","n":null,"vector":[0.5,-1],"x":1.0e-05}]}"#
        ])
    #expect(
      failure { _ = try store.insert(rows, into: "c") }
        == "milvus: acknowledged 1 of 2 rows for collection 'c'; look what it holds")
    #expect(try store.upsert([rows[0]], into: "c").keys == [.string("a")])
    #expect(try store.delete([.string("a"), .string("q\"\\")], from: "c") == 2)
    let deletion = try #require(try bodies(stub, "entities/delete").first)
    #expect(try FieldValue(json: deletion)["filter"] == .string(#"id in ["a","q\"\\"]"#))
    #expect(
      failure { _ = try store.insert([rows[0], rows[0]], into: "c") }?.hasPrefix("row 1 of the batch has the key 'a'")
        == true)
    #expect(
      failure { _ = try store.insert([StoreRow(key: .string("a"), vector: [.nan, 0])], into: "c") }
        == "row 0 of the batch has a vector with a number that is not finite; nothing of the batch was stored")
    #expect(try store.insert([], into: "c").keys.isEmpty)
    #expect(stub.connections == 1)
  }

  @Test func hitsOfManyVectorsAreToldApart() throws {
    func hits(_ keys: String...) -> String {
      keys.map { #"{"id":"\#($0)","distance":0.5,"n":1}"# }.joined(separator: ",")
    }
    let stub = try stub([
      "entities/search": [
        // 2.6 says how many belong to each.
        #"{"code":0,"cost":0,"data":[\#(hits("a", "b", "c"))],"topks":[1,2]}"#,
        // Older ones do not, but these are as many as can be.
        #"{"code":0,"cost":0,"data":[\#(hits("a", "b", "c", "d"))]}"#,
        // Here they are not: each vector is asked for by itself.
        #"{"code":0,"cost":0,"data":[\#(hits("a", "b", "c"))]}"#, #"{"code":0,"data":[\#(hits("a"))]}"#,
        #"{"code":0,"data":[\#(hits("b", "c"))]}"#,
        #"{"code":0,"cost":0,"data":[]}"#,
      ]
    ])
    let store = try open(stub)
    var request = SearchRequest(
      vectors: [1, 0, 0, 1], limit: 2, filter: "n > 0", outputFields: .named(["n"]), consistency: .eventually)
    request.parameters = SearchParameters(ef: 1, nprobe: 3)
    func keys() throws -> [[PrimaryKey]] { try store.search(request, in: "c").map { $0.map(\.key) } }
    #expect(try keys() == [[.string("a")], [.string("b"), .string("c")]])
    #expect(try keys() == [[.string("a"), .string("b")], [.string("c"), .string("d")]])
    #expect(try keys() == [[.string("a")], [.string("b"), .string("c")]])
    #expect(try keys() == [[], []])
    // A beam is never narrower than the answer.
    #expect(
      try bodies(stub, "entities/search")[0]
        == #"{"annsField":"vector","collectionName":"c","consistencyLevel":"Eventually","data":[[1,0],[0,1]],"filter":"n > 0","limit":2,"outputFields":["n"],"searchParams":{"params":{"ef":2,"nprobe":3}}}"#
    )
  }

  @Test func rowsBeyondOneAnswerComePageByPage() throws {
    func page(_ range: Range<Int>) -> String {
      #"{"code":0,"data":[\#(range.map { #"{"id":\#($0)}"# }.joined(separator: ","))]}"#
    }
    let stub = try stub([
      "collections/describe": [Self.described.replacing("VarChar", with: "Int64")],
      "entities/query": [page(0..<16_384), page(16_384..<16_390), #"{"code":0,"data":[{"count(*)":16390}]}"#],
    ])
    let rows = try open(stub).query(QueryRequest(filter: "n > 1 or n < 0", outputFields: .none), in: "c")
    #expect(rows.map(\.key) == (0..<16_390).map { .integer($0) })
    #expect(try bodies(stub, "entities/query")[1].contains(#""filter":"(n > 1 or n < 0) and (id > 16383)""#))
  }

  @Test func optimizingWaitsForFlushIndexAndLoad() throws {
    func index(_ state: String, _ rows: Int) -> String {
      #"{"code":0,"data":[{"indexName":"vector","indexState":"\#(state)","indexedRows":\#(rows),"totalRows":9}]}"#
    }
    let stub = try stub([
      "collections/flush": [#"{"code":0,"data":{}}"#], "collections/load": [#"{"code":0,"data":{}}"#],
      "indexes/describe": [index("InProgress", 0), index("Finished", 4), index("Finished", 9)],
      "collections/get_load_state": [
        #"{"code":0,"data":{"loadState":"LoadStateLoading","loadProgress":50}}"#,
        #"{"code":0,"data":{"loadState":"LoadStateLoaded","loadProgress":100}}"#,
      ],
    ])
    try open(stub).optimize(collection: "c")
    let paths = stub.requests.map { String($0.path.dropFirst("/v2/vectordb/".count)) }
    #expect(
      Array(paths.suffix(7))
        == ["collections/flush"] + Array(repeating: "indexes/describe", count: 3)
        + ["collections/load", "collections/get_load_state", "collections/get_load_state"])
  }

  @Test func errorsThatComeWithSuccessAreErrors() throws {
    let stub = try stub([
      "entities/search": [
        #"{"code":1100,"message":"fail to parse search vectors"}"#,
        #"{"code":1800,"message":"user hasn't authenticated"}"#,
        #"{"code":0,"data":[{"id":7,"distance":1}]}"#, #"{"code":0,"data":[{"distance":1}]}"#,
        #"{"code":0,"data":[{"id":"a"}]}"#,
        #"{"code":0}"#, #"{"code":0,"data":[{"id":"a","distance":1},{"id":"b","distance":1}]}"#,
        #"{"code":0,"data":[{"id":"a","dist"#, #"{"detail":"Not Found"}"#,
      ]
    ])
    let store = try open(stub)
    func sentence() -> String? {
      failure { _ = try store.search(SearchRequest(vectors: [1, 0], limit: 1), in: "c") }?.replacing(
        stub.url, with: "URL")
    }
    let place = "milvus: POST /v2/vectordb/entities/search of URL"
    #expect(sentence() == "\(place) was refused: fail to parse search vectors (code 1100)")
    #expect(sentence() == "\(place) wants a key; set MILVUS_TOKEN")
    #expect(sentence() == "milvus: a hit of collection 'c' has the key 7; the collection's keys are strings")
    #expect(sentence() == "milvus: a hit of collection 'c' has no key; the collection's keys are strings")
    #expect(sentence() == "milvus: URL answered about collection 'c' with a hit without a distance")
    #expect(sentence() == "milvus: URL answered about collection 'c' with no list of rows")
    #expect(sentence() == "milvus: answered with more than the 1 rows that were asked for")
    #expect(sentence()?.contains("in the middle of a value") == true)
    #expect(
      sentence()
        == "\(place) answered with JSON that is not Milvus's: '{\"detail\":\"Not Found\"}'; is it the right port?")
  }

  @Test func otherServersAreNotTakenForMilvus() throws {
    let page = try FaultServer { _, _ in [.answer(type: "text/html", "<html><title>Welcome</title></html>")] }
    #expect(failure { _ = try open(page) }?.contains("a page of HTML (HTTP status 200, titled 'Welcome')") == true)
    let words = try FaultServer { _, _ in [.answer(status: 404, type: "text/plain", "404 page not found")] }
    #expect(failure { _ = try open(words) }?.contains("is not there (HTTP status 404); is it Milvus's port") == true)
    words.die()
    #expect(failure { _ = try open(words) }?.contains("start it with scripts/systems up milvus") == true)
  }

  @Test func specificationsAreChecked() throws {
    func sentence(_ word: String, _ environment: [String: String] = [:]) -> String? {
      failure { _ = try StoreFactory.open(StoreSpecification(parsing: word), environment: environment) }
    }
    #expect(sentence("milvus:uri=x")?.hasPrefix("store 'milvus' has no parameter 'uri'") == true)
    #expect(
      sentence("milvus:consistency=weak")
        == "no consistency is called 'weak'; there are Strong, Session, Bounded, Eventually")
    #expect(
      sentence("milvus:database=a/b") == "no database can be called 'a/b'; names are letters, digits and underscores")
    #expect(sentence("zilliz") == "zilliz needs the cluster's address: set ZILLIZ_URI, or write zilliz:url=https://…")
    #expect(sentence("zilliz:url=https://x.example") == "zilliz needs the cluster's key; set ZILLIZ_TOKEN")
    #expect(
      sentence("zilliz", ["ZILLIZ_URI": "http://x.example", "ZILLIZ_TOKEN": "secret"])
        == "zilliz: the key from ZILLIZ_TOKEN would go to x.example unencrypted; write https://, or unset the variable")
  }

  @Test func theCloudChoosesIndexesAndWantsItsKey() throws {
    let stub = try stub([
      "collections/list": [#"{"code":0,"data":[]}"#], "collections/create": [#"{"code":0,"data":{}}"#],
    ])
    let store = try open(stub, kind: "zilliz", environment: ["ZILLIZ_TOKEN": "key-1"])
    #expect(store.name == "zilliz")
    #expect(stub.requests.allSatisfy { $0.field("authorization") == "Bearer key-1" })
    #expect(
      failure { try store.create(.small("c", kind: "hnsw")) }
        == "zilliz: chooses every index itself; ask for the index 'auto'")
    try store.create(.small("c", dimension: 2, kind: "auto"))
    #expect(try bodies(stub, "collections/create")[0].contains(#""indexType":"AUTOINDEX""#))
  }

  @Test func indexesThatItCannotBuildAreRefused() throws {
    let stub = try stub([
      "collections/list": [#"{"code":0,"data":[]}"#], "collections/create": [#"{"code":0,"data":{}}"#],
    ])
    let store = try open(stub)
    func sentence(_ kind: String, _ parameters: [String: String] = [:]) -> String? {
      failure { try store.create(.small("c", dimension: 8, kind: kind, parameters)) }
    }
    #expect(
      sentence("hnsw-sq4")
        == "milvus: has no index like 'hnsw-sq4'; it builds flat, hnsw, ivf, ivf-sq8, ivf-pq and auto")
    #expect(sentence("hnsw", ["alpha": "1.5"]) == "milvus: builds HNSW without a parameter 'alpha'; leave it out")
    #expect(sentence("hsnw")?.contains("did you mean hnsw?") == true)
    #expect(sentence("auto", ["m": "4"])?.contains("takes no parameters") == true)
    #expect(sentence("ivf-pq", ["nlist": "4"]) == nil)
    #expect(
      try bodies(stub, "collections/create")[0].contains(#""params":{"index_type":"IVF_PQ","m":2,"nbits":8,"nlist":4}"#)
    )
  }

  @Test func severalThreadsHaveConnectionsOfTheirOwn() throws {
    let stub = try FaultServer { request, _ in
      request.path.hasSuffix("list")
        ? [.answer(#"{"code":0,"data":["c"]}"#)]
        : request.path.hasSuffix("describe")
          ? [.answer(Self.described)] : [.answer(#"{"code":0,"data":[{"id":"a","distance":1}]}"#)]
    }
    let store = try open(stub)
    let failures = Mutex(0)
    let threads = (0..<4).map { _ in
      Thread {
        for _ in 0..<50 {
          let hits = try? store.search(SearchRequest(vectors: [1, 0], limit: 1), in: "c")
          if hits?[0].map(\.key) != [.string("a")] { failures.withLock { $0 += 1 } }
        }
        failures.withLock { $0 += 1_000 }
      }
    }
    for thread in threads { thread.start() }
    while failures.withLock({ $0 < 4_000 }) { sched_yield() }
    #expect(failures.withLock { $0 } == 4_000)
    // At most one each, and those kept.
    #expect(stub.connections <= 5)
    #expect(stub.requests.count >= 200)
  }
}
