import Testing
import VectorIndexes
import VectorStores

@Suite struct EmbeddedConformanceTests {
  static let kinds: [(String, [String: String])] = [
    ("flat", [:]), ("ivf", ["nlist": "4", "nprobe": "4"]),
    ("ivf-sq8", ["nlist": "4", "nprobe": "4", "originals": "f32"]),
    ("ivf-sq4", ["nlist": "4", "nprobe": "4"]), ("ivf-pq", ["nlist": "4", "nprobe": "4"]),
    ("hnsw", ["m": "8", "ef_construction": "60"]),
    ("hnsw-sq8", ["m": "8", "ef_construction": "60", "originals": "f32"]),
    ("hnsw-sq4", ["m": "8", "ef_construction": "60", "originals": "f32"]),
  ]

  private static func conformance(_ fixture: StoreFixture) -> StoreConformance {
    StoreConformance(name: "embedded", open: { try fixture.open() }, holdsBackUnindexed: true)
  }

  @Test(arguments: kinds.indices, StoreMetric.allCases)
  func answersAsADictionary(kind: Int, metric: StoreMetric) throws {
    let (kind, parameters) = Self.kinds[kind]
    let fixture = StoreFixture()
    try Self.conformance(fixture).answersAsADictionary(
      IndexSpecification(kind: kind, parameters: parameters), metric,
      seed: UInt64(kind.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) &+ UInt64(metric.rawValue.utf8.count))
    #expect(fixture.notices.all.isEmpty)
  }

  @Test(arguments: StoreMetric.allCases)
  func givesKeysAndFields(metric: StoreMetric) throws {
    try Self.conformance(StoreFixture()).givesKeysAndFields(metric)
  }

  @Test(arguments: StoreMetric.allCases)
  func refusesWhatCannotBe(metric: StoreMetric) throws {
    try Self.conformance(StoreFixture()).refusesWhatCannotBe(metric)
  }
}
