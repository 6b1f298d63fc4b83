internal import Foundation
internal import Processes
internal import VectorIndexes

/// The conversation with an adapter of a store: requests and answers in lines of JSON.
final class StoreProcess {
  private let name: String
  private let process: LineProcess
  private var lastID: Int64 = 0
  private var isClosed = false

  private static var version: Int64 { 1 }
  /// Seconds that an answer may take.
  private static var patience: Double { 600 }

  /// Starts the adapter and has it open the file.
  init(name: String, command: [String], environment: [String: String], path: String) throws {
    self.name = name
    do throws(ChildProcess.SpawnFailure) {
      process = try LineProcess(command: command, environment: environment)
    } catch {
      switch error {
      case .pipe(let reason), .program(let reason): throw VectorStoreError.remote(name: name, reason: reason)
      }
    }
    let hello = try ask("hello", ["protocol": .integer(Self.version)])
    guard hello["protocol"] == .integer(Self.version) else { throw nonsense("it speaks another protocol") }
    _ = try ask("open_store", ["path": .string(path)])
  }

  deinit { close() }

  func close() {
    if !isClosed { _ = try? ask("quit", [:]) }
    isClosed = true
    process.child.end()
  }

  /// - Throws: `VectorStoreError.remote` for what the adapter refuses, and where it fails.
  func ask(_ operation: String, _ fields: [String: FieldValue]) throws(VectorStoreError) -> [String: FieldValue] {
    guard !isClosed else { throw .remote(name: name, reason: "the store was closed; open it again") }
    lastID += 1
    var request: [UInt8] = []
    JSONWriter.append(fields.merging(["id": .integer(lastID), "op": .string(operation)]) { $1 }, to: &request)
    let line: [UInt8]
    do {
      line = try process.exchange(request + [UInt8(ascii: "\n")], seconds: Self.patience)
    } catch {
      isClosed = true
      let log = process.child.logEnd
      let how =
        switch error {
        case .died(let how): "the adapter ended with \(how)"
        case .timedOut: "the adapter did not answer within \(Self.patience) s"
        case .tooLong(let limit): "the adapter answered more than \(limit) bytes; ask for fewer rows"
        }
      throw .remote(name: name, reason: "\(how) at '\(operation)'; its log ends: \(log)")
    }
    guard case .object(let answer)? = try? line.withUnsafeBytes({ try FieldValue(json: $0) }),
      answer["id"] == .integer(lastID), case .bool(let isDone)? = answer["ok"]
    else { throw nonsense("no answer to '\(operation)'") }
    if isDone { return answer }
    guard case .string(let reason)? = answer["error"] else { throw nonsense("it gave no reason") }
    throw .remote(name: name, reason: reason)
  }

  private func nonsense(_ what: String) -> VectorStoreError {
    .remote(name: name, reason: "the adapter answers nonsense: \(what)")
  }

  // MARK: Collections

  struct Described {
    var schema: CollectionSchema
    var rows: Int
  }

  func schemas() throws(VectorStoreError) -> [Described] {
    guard case .array(let list)? = try ask("collections", [:])["collections"] else { throw nonsense("no collections") }
    var described: [Described] = []
    for entry in list {
      guard case .object(let fields) = entry, case .string(let json)? = fields["schema"],
        let schema = CollectionSchema(json: json), case .integer(let rows)? = fields["rows"]
      else { throw nonsense("a collection without its schema") }
      described.append(Described(schema: schema, rows: Int(rows)))
    }
    return described
  }

  func schema(_ name: String) throws(VectorStoreError) -> CollectionSchema {
    let known = try schemas()
    guard let found = known.first(where: { $0.schema.name == name }) else {
      throw .noSuchCollection(name, known: known.map(\.schema.name))
    }
    return found.schema
  }

  // MARK: Rows

  func keys(_ answer: [String: FieldValue], _ schema: CollectionSchema) throws(VectorStoreError) -> [PrimaryKey] {
    guard case .array(let values)? = answer["keys"] else { throw nonsense("no keys") }
    var keys: [PrimaryKey] = []
    for value in values { keys.append(try key(value)) }
    return keys
  }

  private func key(_ value: FieldValue?) throws(VectorStoreError) -> PrimaryKey {
    switch value {
    case .integer(let number): return .integer(number)
    case .string(let text): return .string(text)
    default: throw nonsense("a key that is none")
    }
  }

  /// Those of the keys that rows have.
  func existing(_ keys: [PrimaryKey], in collection: String) throws(VectorStoreError) -> [PrimaryKey] {
    if keys.isEmpty { return [] }
    let answer = try ask(
      "existing", ["collection": .string(collection), "keys": .array(keys.map(FieldValue.init))])
    guard case .array(let values)? = answer["keys"] else { throw nonsense("no keys") }
    var found: Set<PrimaryKey> = []
    for value in values { found.insert(try key(value)) }
    return Array(found)
  }

  func keys(matching filter: String, _ schema: CollectionSchema) throws(VectorStoreError) -> [PrimaryKey] {
    try keys(ask("keys", ["collection": .string(schema.name), "filter": .string(filter)]), schema)
  }

  func delete(_ keys: [PrimaryKey], from collection: String) throws(VectorStoreError) -> Int {
    if keys.isEmpty { return 0 }
    _ = try ask("delete", ["collection": .string(collection), "keys": .array(keys.map(FieldValue.init))])
    return keys.count
  }

  func rows(
    _ keys: [PrimaryKey], _ request: QueryRequest, _ schema: CollectionSchema
  ) throws(VectorStoreError) -> [StoreRow] {
    if keys.isEmpty { return [] }
    let answer = try ask(
      "rows",
      [
        "collection": .string(schema.name), "keys": .array(keys.map(FieldValue.init)),
        "output": Self.output(request.outputFields), "vectors": .bool(request.includesVectors),
      ])
    let found = try self.keys(answer, schema)
    guard case .array(let fields)? = answer["fields"], case .string(let text)? = answer["vectors"],
      let bytes = Data(base64Encoded: text), fields.count == found.count,
      bytes.count == (request.includesVectors ? found.count * schema.dimension * 4 : 0)
    else { throw nonsense("rows without their fields or vectors") }
    let vectors = bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
    var rows: [StoreRow] = []
    for (place, key) in found.enumerated() {
      guard case .object(let members) = fields[place] else { throw nonsense("a row without fields") }
      let range = place * schema.dimension..<(place + 1) * schema.dimension
      rows.append(StoreRow(key: key, vector: vectors.isEmpty ? [] : Array(vectors[range]), fields: members))
    }
    return rows
  }

  func search(
    _ request: SearchRequest, _ parameters: [String: FieldValue], _ schema: CollectionSchema
  ) throws(VectorStoreError) -> [[SearchHit]] {
    let answer = try ask(
      "search",
      [
        "collection": .string(schema.name), "queries": .string(Self.text(of: request.vectors[...])),
        "limit": .integer(Int64(request.limit)), "filter": .string(request.filter ?? ""),
        "output": Self.output(request.outputFields), "parameters": .object(parameters),
      ])
    guard case .array(let lists)? = answer["hits"] else { throw nonsense("no hits") }
    var hits: [[SearchHit]] = []
    for list in lists {
      guard case .array(let entries) = list else { throw nonsense("no list of hits") }
      var found: [SearchHit] = []
      for entry in entries {
        guard case .object(let hit) = entry, case .object(let fields)? = hit["fields"] else {
          throw nonsense("a hit without fields")
        }
        let distance: Float
        switch hit["distance"] {
        case .number(let number): distance = Float(number)
        case .integer(let number): distance = Float(number)
        default: throw nonsense("a hit without its distance")
        }
        found.append(SearchHit(key: try key(hit["key"]), distance: distance, fields: fields))
      }
      hits.append(found)
    }
    return hits
  }

  /// null for every field.
  private static func output(_ fields: OutputFields) -> FieldValue {
    switch fields {
    case .all: .null
    case .none: .array([])
    case .named(let names): .array(names.map { .string($0) })
    }
  }

  /// Little-endian float32 in base64.
  static func text(of vectors: ArraySlice<Float>) -> String {
    vectors.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }.base64EncodedString()
  }
}
