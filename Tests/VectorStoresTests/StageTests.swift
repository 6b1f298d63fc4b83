import Files
import Testing
import VectorStores

/// Rows and questions as lines of JSON.
@Suite struct StageTests {
  private func row(_ line: String) throws -> RowLine {
    try Array(line.utf8).withUnsafeBytes { try RowLine(line: $0, number: 3, source: "in") }
  }

  @Test func linesAreRows() throws {
    #expect(
      try row(#"{"id": "a", "vector": [1, 2.5, -3e2], "year": 2020}"#)
        == RowLine(row: StoreRow(key: .string("a"), vector: [1, 2.5, -300], fields: ["year": .integer(2020)])))
    #expect(
      try row(#"{"text": "hello", "lang": "en"}"#)
        == RowLine(
          row: StoreRow(key: nil, vector: [], fields: ["text": .string("hello"), "lang": .string("en")]), text: "hello")
    )
  }

  @Test(arguments: [
    ("nonsense", "expected a value"), ("[1]", "is no JSON object"),
    ("{\"id\": 1}", "neither a \"vector\" nor a \"text\""),
    ("{\"id\": 1.5, \"text\": \"\"}", "\"id\" must be"), ("{\"vector\": 3}", "must be a list of numbers"),
    ("{\"vector\": [1, \"2\"]}", "must be a list of numbers"), ("{\"text\": 3}", "neither"),
  ])
  func otherLinesAreNamed(line: String, reason: String) {
    let error = #expect(throws: DataError.self) { try row(line) }
    #expect(error?.description.hasPrefix("in: line 3: ") == true)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  /// Each letter of "abcd" is a dimension.
  private static func embed(_ text: String) -> [Float] {
    "abcd".map { letter in Float(text.count { $0 == letter }) + 0.01 }
  }

  @Test func textsGoInAndComeBack() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    var schema = CollectionSchema.small("texts", metric: .ip, kind: "hnsw")
    schema.properties = ["embedder": "letters"]
    var filler = try CollectionFiller(store: store, schema: schema, replaces: false) { texts in
      .init(dimension: 4, values: texts.flatMap(Self.embed), truncated: texts.count { $0.count > 6 })
    }
    try filler.add(["aaab", "bbbb", "cacc"].map { try row("{\"id\": \"\($0)\", \"text\": \"\($0)\"}") })
    try filler.add([try row("{\"id\": \"dddddddd\", \"text\": \"dddddddd\", \"note\": \"long\"}")])
    try filler.finish()
    let report = filler.report
    #expect(report.rows == 4 && report.replaced == 0 && report.texts == 4 && report.truncated == 1)
    #expect(throws: VectorStoreError.duplicateKey(.string("bbbb"), row: 0)) {
      try filler.add([try row("{\"id\": \"bbbb\", \"text\": \"x\"}")])
    }
    let made = try store.collections()[0]
    #expect(
      made.schema.keyType == .string && made.indexedRows == 4 && made.schema.properties == ["embedder": "letters"])

    let stage = SearchStage(
      store: store, collection: "texts", request: SearchRequest(vectors: [], limit: 2, outputFields: .named(["note"])),
      embed: Self.embed)
    func ask(_ line: String) throws -> String {
      try Array(line.utf8).withUnsafeBytes {
        String(decoding: try stage.answer(line: $0, number: 7, source: "in"), as: UTF8.self)
      }
    }
    #expect(
      try ask(#"{"id": "q", "vector": [0, 0, 0, 1]}"#)
        == #"{"id":"q","hits":[{"id":"dddddddd","distance":8.01,"note":"long"},{"id":"aaab","distance":0.01}]}"# + "\n")
    #expect(try ask(#"{"text": "b"}"#).hasPrefix(#"{"id":7,"hits":[{"id":"bbbb","distance":"#))
    #expect(throws: DataError.self) { try ask(#"{"id": 1, "vector": [1, 2, 3]}"#) }
    #expect(throws: DataError.self) { try ask(#"{"id": 1, "vector": [1, 2, 3, 4, 1, 2, 3, 4]}"#) }
  }
}
