import Datasets
import Documents
import Embedders
import Experiments
import Foundation
import Instrumentation
import RunStore
import VectorIndexes
import VectorStores
import Workloads
import YAML

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "ragmeter-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// SplitMix64, so that a failing seed fails again.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func randomVectors(_ count: Int, _ dimension: Int, seed: UInt64) throws -> VectorSet {
  var random = SeededRandom(seed: seed)
  return try VectorSet(
    dimension: dimension, values: (0..<count * dimension).map { _ in Float.random(in: -1...1, using: &random) })
}

func randomDataset(
  _ count: Int = 300, _ dimension: Int = 16, queries: Int = 20, metric: DatasetMetric = .l2, seed: UInt64 = 1
) throws -> VectorDataset {
  VectorDataset(
    name: "tiny", metric: metric, base: try randomVectors(count, dimension, seed: seed),
    queries: try randomVectors(queries, dimension, seed: seed + 1), contentHash: "tiny-\(seed)")
}

/// What an engine of the tests does wrong.
enum Fault: String, CaseIterable {
  case none, build, search, shortAnswer, unknownIDs, repeatedIDs
}

/// Answers exactly, or wrongly in one way.
final class FakeEngine: SearchEngine {
  let labels: [String: String] = [:]
  let fault: Fault
  /// Called before every search.
  let onSearch: () -> Void
  private var base: VectorSet?

  init(_ fault: Fault, onSearch: @escaping () -> Void) {
    self.fault = fault
    self.onSearch = onSearch
  }

  func build(_ base: VectorSet, metric: DatasetMetric, batch: Int, threads: Int) throws -> BuildReport {
    if fault == .build { throw EngineError("the fake engine cannot be built") }
    self.base = base
    return BuildReport(
      trainSeconds: 0.5, addSeconds: 1, optimizeSeconds: 0.25, batchSeconds: [0.4, 0.6], indexBytes: 1234,
      privateBytes: nil)
  }

  func search(_ queries: VectorSet, pass: SearchPassRequest) throws -> SearchPass {
    onSearch()
    if fault == .search, pass.parameters["ef"] == "20" { throw EngineError("the fake engine dislikes ef = 20") }
    guard let base else { throw EngineError("the fake engine was not built") }
    var ids: [Int64] = []
    for query in 0..<queries.count {
      let nearest = (0..<base.count)
        .map { row in (zip(queries.row(query), base.row(row)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +), row) }
        .sorted { $0 < $1 }.prefix(pass.k).map { Int64($0.1) }
      ids += nearest
    }
    switch fault {
    case .shortAnswer: ids.removeLast()
    case .unknownIDs: ids = ids.map { $0 + Int64(base.count) }
    case .repeatedIDs: ids = ids.indices.map { ids[$0 / pass.k * pass.k] }
    case .none, .build, .search: break
    }
    let calls: Int
    switch pass.mode {
    case .single: calls = queries.count
    case .batch(let size): calls = (queries.count + size - 1) / size
    }
    return SearchPass(
      ids: ids, latencies: (0..<calls).map { UInt64(1000 * ($0 + 1)) }, seconds: 0.01, distances: queries.count * 7)
  }

  func close() {}
}

/// Experiments on one small dataset; adapters are fakes whose name is their fault, indexes are the stack's.
struct Bench {
  let folder: TemporaryFolder
  let dataset: VectorDataset
  var corpora: [String: Corpus] = [:]
  var onSearch: () -> Void = {}
  /// What the dataset's vectors are said to be made of.
  var texts: DatasetTexts?
  /// Stores other than the embedded one, by what the section calls them.
  var makeStore: (VectorStoreChoice) throws -> any VectorStore = { throw EngineError("no store \($0.name) here") }

  init(_ dataset: VectorDataset? = nil) throws {
    folder = try TemporaryFolder()
    self.dataset = try dataset ?? randomDataset()
  }

  var storePath: String { folder.path + "/runs.sqlite" }

  private var resources: WorkloadResources {
    let dataset = dataset
    let onSearch = onSearch
    let corpora = corpora
    let texts = texts
    let makeStore = makeStore
    let folder = folder
    return WorkloadResources(
      dataset: { choice in
        var dataset = dataset
        if let metric = choice.metric { dataset.metric = metric }
        return dataset
      },
      texts: { _ in texts },
      engine: { choice in
        switch choice.source {
        case .inTree(let kind):
          return InTreeEngine(IndexSpecification(kind: kind, parameters: choice.build.dictionary))
        case .adapter(let name, _, _):
          return FakeEngine(Fault(rawValue: name) ?? .none, onSearch: onSearch)
        }
      },
      store: { choice in
        choice == .embedded
          ? try OpenedStore(choice, environment: [:], below: folder.path) : OpenedStore(try makeStore(choice))
      },
      truth: { dataset, allowed, k in
        guard let allowed else { return try GroundTruth.reference(of: dataset, k: k) }
        var restricted = dataset
        restricted.base = try VectorSet(
          dimension: dataset.base.dimension, values: allowed.flatMap { dataset.base.row(Int($0)) })
        var truth = try GroundTruth.reference(of: restricted, k: k)
        truth.neighbors = truth.neighbors.map { Int32(allowed[Int($0)]) }
        return truth
      },
      corpus: { choice in
        guard let corpus = corpora[choice.source] else { throw EngineError("no corpus \(choice.source) here") }
        return corpus
      },
      chunker: { try ChunkerFactory.make($0) { throw EngineError("no tokenizer \($0) here") } },
      embedder: { specification, _ in
        guard let fault = WordEmbedder.Fault(rawValue: specification.kind) else {
          throw EmbedderError("no embedder is called '\(specification.kind)'")
        }
        return WordEmbedder(fault: fault)
      },
      embeddingEngine: { throw EngineError("no embedding engine \($0.engine) here") },
      generation: .none, serving: .none, rag: .none,
      cores: 2)
  }

  func plan(_ sections: String) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse("experiments:\n\(sections)", file: "test.yml")),
      workloads: WorkloadKind.all(resources))
  }

  func run(_ sections: String, resume: Bool = false, storePath: String? = nil) throws -> RunRecord {
    let store = try RunStore(path: storePath ?? self.storePath)
    let runner = ExperimentRunner(
      store: store, progress: RunProgress(seconds: { 0 }, isTerminal: false, write: { _ in }),
      machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release"), git: nil,
      now: { Date(timeIntervalSince1970: 1_700_000_000) })
    return try runner.run(try plan(sections), resume: resume, available: nil)
  }
}

/// Counts the words w0 to w15 of a text's first eight, and gives them unit length.
struct WordEmbedder: Embedder {
  /// What it does wrong, and what specifications call it.
  enum Fault: String {
    case words, refuses, short, notFinite
  }

  var fault = Fault.words
  let name = "words"
  let dimension = 17
  let maximumTokens: Int? = 8
  let isNormalized = true

  func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    if fault == .refuses, role == .document { throw EmbedderError("the words are not to be counted") }
    var batch = EmbeddingBatch(dimension: dimension, values: [], tokens: [], truncatedTokens: [])
    for text in fault == .short ? texts.dropLast() : texts[...] {
      let words = text.split { !$0.isLetter && !$0.isNumber }
      var counts = [Float](repeating: 0, count: dimension)
      counts[16] = 0.25
      for word in words.prefix(8) {
        if let number = Int(word.dropFirst()), word.first == "w", number < 16 { counts[number] += 1 }
      }
      let length = counts.map { $0 * $0 }.reduce(0, +).squareRoot()
      batch.values += counts.map { fault == .notFinite ? .nan : $0 / length }
      batch.tokens.append(min(8, words.count))
      batch.truncatedTokens.append(max(0, words.count - 8))
    }
    return batch
  }
}
