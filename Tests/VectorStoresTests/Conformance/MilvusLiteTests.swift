import Foundation
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// The store over the real library, where `RAGMETER_MILVUS_LITE` names a Python that has it.
@Suite(.serialized) struct MilvusLiteTests {
  static let python = ProcessInfo.processInfo.environment["RAGMETER_MILVUS_LITE"]
  static let missing: Comment = "RAGMETER_MILVUS_LITE names no Python; 'scripts/systems up milvus-lite' installs one"

  private let folder = TemporaryFolder()

  private func open() throws -> AdapterStore {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    return try AdapterStore(
      path: "\(folder.path)/rows.db",
      command: [Self.python ?? "", project.appending(path: "Benchmarks/adapters/milvus_lite.py").path],
      environment: ProcessInfo.processInfo.environment)
  }

  private var conformance: StoreConformance {
    StoreConformance(name: "milvus-lite", open: { try open() }, filters: .plain, vectorTolerance: 1e-6, steps: 25)
  }

  @Test(
    .enabled(if: python != nil, missing), arguments: StoreMetric.allCases,
    [IndexSpecification(kind: "flat"), IndexSpecification(kind: "ivf", parameters: ["nlist": "4", "nprobe": "4"])])
  func answersAsADictionary(metric: StoreMetric, index: IndexSpecification) throws {
    try conformance.answersAsADictionary(index, metric, seed: 7)
  }

  @Test(.enabled(if: python != nil, missing)) func givesKeysAndRefuses() throws {
    try conformance.givesKeysAndFields(.cosine)
    try conformance.refusesWhatCannotBe(.l2)
  }

  @Test func saysWhatIsMissing() throws {
    func refusal(_ word: String, _ environment: [String: String] = [:]) -> String? {
      failure { _ = try StoreFactory.open(StoreSpecification(parsing: word), environment: environment) }
    }
    #expect(refusal("milvus-lite") == "store 'milvus-lite' needs a path, as in milvus-lite:path=docs.db")
    #expect(refusal("milvus-lite:path=a.store") == "Milvus Lite's files end in .db; 'a.store' does not")
    #expect(
      refusal("milvus-lite:path=a.db", ["RAGMETER_MILVUS_LITE": "/nowhere/python"])
        == "/nowhere/python: is not there; 'scripts/systems up milvus-lite' installs it, or name a Python with pymilvus and "
        + "milvus-lite by RAGMETER_MILVUS_LITE")
    #expect(throws: VectorStoreError.self) {
      try AdapterStore(path: "\(folder.path)/a.db", command: ["/bin/false"], environment: [:])
    }
  }
}
