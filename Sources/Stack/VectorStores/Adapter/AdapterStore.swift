internal import Foundation
internal import Synchronization
internal import VectorIndexes

/// Collections of Milvus Lite in one file, through an adapter process (Benchmarks/adapters/PROTOCOL.md, "Stores").
///
/// Calls wait for each other: the library works for one caller at a time, and so does the process. Filters mean what Milvus
/// says they mean, not what this stack's truth of three values does. Writes are seen by the next call, whatever consistency
/// it asks for. There are `flat` and `ivf` indexes, which Milvus Lite keeps up to date itself.
public final class AdapterStore: VectorStore {
  public let name = "milvus-lite"
  public let path: String

  private let process: Mutex<StoreProcess>

  /// - Parameters:
  ///   - path: the file, made if it is not there.
  ///   - command: starts the adapter.
  /// - Throws: `VectorStoreError.remote` for an adapter that does not start or refuses the file.
  public init(path: String, command: [String], environment: [String: String]) throws {
    self.path = path
    process = Mutex(try StoreProcess(name: "milvus-lite", command: command, environment: environment, path: path))
  }

  public func create(_ collection: CollectionSchema) throws {
    try collection.check()
    let nlist = try Self.lists(collection)
    try use { process in
      guard try !process.schemas().contains(where: { $0.schema.name == collection.name }) else {
        throw VectorStoreError.collectionExists(collection.name)
      }
      let schema = (try? FieldValue(json: collection.json)) ?? .null
      _ = try process.ask("create", ["schema": schema, "nlist": .integer(Int64(nlist))])
    }
  }

  /// - Throws: `unsupported` for an index that Milvus Lite does not build.
  private static func lists(_ schema: CollectionSchema) throws(VectorStoreError) -> Int {
    func unsupported(_ reason: String) -> VectorStoreError { .unsupported(name: "milvus-lite", reason: reason) }
    guard ["flat", "ivf"].contains(schema.index.kind) else {
      throw unsupported("builds no index of kind \(schema.index.kind); choose flat or ivf")
    }
    let known = schema.index.kind == "ivf" ? ["nlist", "nprobe"] : []
    if let other = schema.index.parameters.keys.sorted().first(where: { !known.contains($0) }) {
      throw unsupported("its index of kind \(schema.index.kind) has no parameter \(other); leave it out")
    }
    return try values(schema).nlist
  }

  private static func values(_ schema: CollectionSchema) throws(VectorStoreError) -> IVFParameters {
    do {
      return try IVFParameters(coding: .flat, schema.index.kind == "ivf" ? schema.index.parameters : [:])
    } catch { throw .invalidArgument("\(error)") }
  }

  public func drop(collection name: String) throws {
    try use { process in
      _ = try process.schema(name)
      _ = try process.ask("drop", ["collection": .string(name)])
    }
  }

  public func collections() throws -> [CollectionDescription] {
    try use { try $0.schemas() }.map { CollectionDescription(schema: $0.schema, rows: $0.rows, indexedRows: $0.rows) }
  }

  public func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replaces: false)
  }

  public func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replaces: true)
  }

  private func write(_ rows: [StoreRow], to name: String, replaces: Bool) throws -> WriteResult {
    try use { process in
      let schema = try process.schema(name)
      guard !rows.isEmpty else { return WriteResult(keys: []) }
      if replaces { try schema.checkReplacing() }
      let vectors = try schema.vectors(of: rows)
      try schema.checkKeys(of: rows, replaces: replaces)
      let keys = rows.compactMap(\.key)
      // Milvus Lite replaces without a word.
      let taken = schema.autoID ? [] : Set(try process.existing(keys, in: name))
      if !replaces, let row = keys.firstIndex(where: { taken.contains($0) }) {
        throw VectorStoreError.duplicateKey(keys[row], row: row)
      }
      let answer = try process.ask(
        "write",
        [
          "collection": .string(name), "replaces": .bool(replaces), "keys": .array(keys.map(FieldValue.init)),
          "fields": .array(rows.map { .object($0.fields) }), "vectors": .string(StoreProcess.text(of: vectors[...])),
        ])
      return WriteResult(keys: schema.autoID ? try process.keys(answer, schema) : keys, replaced: taken.count)
    }
  }

  public func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    try use { process in
      let schema = try process.schema(collection)
      return try process.delete(process.existing(keys.filter(schema.admits), in: collection), from: collection)
    }
  }

  public func delete(matching filter: String, from collection: String) throws -> Int {
    _ = try Filter(filter)
    return try use { process in
      let schema = try process.schema(collection)
      return try process.delete(process.keys(matching: filter, schema), from: collection)
    }
  }

  public func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    try request.check()
    if let filter = request.filter { _ = try Filter(filter) }
    return try use { process in
      let schema = try process.schema(collection)
      let keys = try process.keys(matching: request.filter ?? "", schema).sorted { $0.stands(before: $1) }
      let page = Array(keys.dropFirst(request.offset).prefix(request.limit ?? .max))
      return try process.rows(page, request, schema)
    }
  }

  public func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    if let filter = request.filter { _ = try Filter(filter) }
    return try use { process in
      let schema = try process.schema(collection)
      guard try request.checkVectors(schema) > 0 else { return [] }
      var parameters: [String: FieldValue] = [:]
      if schema.index.kind == "ivf" {
        let nprobe = request.parameters.nprobe > 0 ? request.parameters.nprobe : try Self.values(schema).nprobe
        parameters["nprobe"] = .integer(Int64(nprobe))
      }
      return try process.search(request, parameters, schema)
    }
  }

  /// Milvus Lite has nothing to bring up to date.
  public func optimize(collection name: String) throws { try use { _ = try $0.schema(name) } }

  /// The file is all collections' together.
  public func diskBytes(of collection: String) throws -> Int? {
    try use { process in
      _ = try process.schema(collection)
      return nil
    }
  }

  public func close() throws { process.withLock { $0.close() } }

  private func use<T: Sendable>(_ body: (StoreProcess) throws -> T) throws -> T {
    try process.withLock { try body($0) }
  }
}

extension PrimaryKey {
  /// Integers by value, strings by their bytes.
  fileprivate func stands(before other: PrimaryKey) -> Bool {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): a < b
    case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    case (.integer, .string): true
    case (.string, .integer): false
    }
  }
}
