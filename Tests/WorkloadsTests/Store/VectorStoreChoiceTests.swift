import Experiments
import Foundation
import Testing
import VectorIndexes
import VectorStores
import Workloads
import YAML

/// What sections say under `stores:` and of the indexes in them.
@Suite struct VectorStoreChoiceTests {
  private func reader(_ yaml: String) throws -> SpecReader {
    SpecReader(try YAMLNode.parse(yaml, file: "test.yml"), path: "experiments[0]", problems: SpecProblems())
  }

  private func problems(_ reader: SpecReader) -> String {
    do {
      try reader.problems.check()
      return ""
    } catch { return "\(error)" }
  }

  @Test func wordsPathsAndMappingsAreStores() throws {
    let reader = try reader(
      """
      stores:
        - embedded
        - {store: data/docs.store, as: docs}
        - "pgvector:url=postgres://127.0.0.1:5432/x"
        - {store: milvus, url: "http://127.0.0.1:19530", consistency: [Strong, Eventually]}
        - {store: milvus, url: "http://127.0.0.1:19531", as: milvus-2.4}
      """)
    let stores = VectorStoreChoice.read(reader)
    #expect(problems(reader) == "")
    #expect(
      stores.map { $0.idParts.joined(separator: "/") } == [
        "embedded", "docs", "pgvector", "milvus/consistency=Strong", "milvus/consistency=Eventually", "milvus-2.4",
      ])
    #expect(
      stores.map(\.specification) == [
        StoreSpecification(kind: "embedded"),
        StoreSpecification(kind: "embedded", parameters: ["path": "data/docs.store"]),
        StoreSpecification(kind: "pgvector", parameters: ["url": "postgres://127.0.0.1:5432/x"]),
        StoreSpecification(kind: "milvus", parameters: ["url": "http://127.0.0.1:19530", "consistency": "Strong"]),
        StoreSpecification(kind: "milvus", parameters: ["url": "http://127.0.0.1:19530", "consistency": "Eventually"]),
        StoreSpecification(kind: "milvus", parameters: ["url": "http://127.0.0.1:19531"]),
      ])
    #expect(stores[3].labels == ["store": "milvus", "consistency": "Strong"])
    #expect(stores[5].labels == ["store": "milvus-2.4"], "where a store is changes with the machine")
  }

  @Test func noStoresAreTheEmbeddedOne() throws {
    #expect(VectorStoreChoice.read(try reader("k: 10")) == [.embedded])
  }

  @Test(arguments: [
    ("stores: [milvsu]", "no store is called 'milvsu'; did you mean 'milvus'?"),
    ("stores: []", "says no 'stores'"),
    ("stores: [{url: \"http://127.0.0.1:1\"}]", "says no 'store'"),
    ("stores: [[milvus]]", "must be a store, or a mapping"),
    ("stores: [{store: milvus, as: a/b}]", "it has no '/'"),
    (
      "stores: [{store: milvus, url: \"http://127.0.0.1:1\"}, {store: milvus, url: \"http://127.0.0.1:2\"}]",
      "is called milvus like another store; name it with 'as:'"
    ),
  ])
  func mistakesAreSaid(yaml: String, reason: String) throws {
    let reader = try reader(yaml)
    _ = VectorStoreChoice.read(reader)
    #expect(problems(reader).contains(reason), "\(problems(reader))")
  }

  @Test func indexesOfCollectionsAreTheStacks() throws {
    let plain = try reader("k: 10")
    #expect(IndexChoice.readForStores(plain).map(\.specification?.kind) == ["flat"])
    let grid = try reader(#"indexes: ["hnsw:m=8|16,ef=20|40"]"#)
    let engines = IndexChoice.readForStores(grid)
    #expect(problems(grid) == "")
    #expect(engines.compactMap { $0.specification?.parameters["m"] } == ["8", "16"])
    #expect(engines[0].searches.map(\.label) == ["ef=20", "ef=40"])
    let auto = try reader("indexes: [auto, \"auto:m=3\"]")
    #expect(IndexChoice.readForStores(auto).first?.specification == IndexSpecification(kind: "auto"))
    #expect(problems(auto).contains("unknown index 'auto'"), "it has no parameters")
    let adapter = try reader("indexes: [{adapter: faiss, build: {factory: Flat}}, flat]")
    #expect(IndexChoice.readForStores(adapter).count == 1)
    #expect(problems(adapter).contains("faiss is another engine and cannot live in a store"))
  }

  @Test func aFileThatWasMadeGoesWithTheStore() throws {
    let folder = try TemporaryFolder()
    let opened = try OpenedStore(.embedded, environment: [:], below: folder.path)
    try opened.store.create(CollectionSchema(name: "a", dimension: 2, metric: .l2))
    #expect(try entries(folder).count == 1)
    opened.close()
    #expect(try entries(folder) == [])

    let path = "\(folder.path)/kept.store"
    let named = try OpenedStore(embedded("path", path), environment: [:], below: folder.path)
    try named.store.create(CollectionSchema(name: "a", dimension: 2, metric: .l2))
    named.close()
    #expect(try entries(folder).contains("kept.store"))
  }

  @Test func aStoreThatCannotBeOpenedLeavesNoFolder() throws {
    let folder = try TemporaryFolder()
    #expect(throws: VectorStoreError.self) {
      try OpenedStore(embedded("pth", "x"), environment: [:], below: folder.path)
    }
    #expect(try entries(folder) == [])
  }

  private func embedded(_ name: String, _ value: String) -> VectorStoreChoice {
    VectorStoreChoice(
      kind: "embedded", parameters: ParameterGrid(axes: [GridAxis(name: name, values: [value])]).points[0])
  }

  private func entries(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }
}
