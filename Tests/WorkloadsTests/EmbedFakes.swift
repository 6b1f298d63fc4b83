import Documents
import Embedders
import Experiments
import Foundation
import Instrumentation
import RunStore
import VectorIndexes
import Workloads
import YAML

/// A model of five dimensions whose tokens are the bytes of a text, eight at most, between two special ones.
///
/// An embedding depends on the tokens alone; `precision=coarse` rounds it, `precision=broken` gives a value that is no
/// number.
struct FakeModel: TokenEmbedder {
  let name = "bytes"
  let dimension = 5
  let maximumTokens: Int? = 10
  let isNormalized = false
  var precision: String?

  func tokenize(_ texts: [String], as role: EmbeddingRole) -> TokenizedTexts {
    var tokenized = TokenizedTexts()
    for text in texts {
      tokenized.ids += [256] + text.utf8.prefix(8).map(Int32.init) + [257]
      tokenized.offsets.append(tokenized.ids.count)
      tokenized.truncatedTokens.append(max(0, text.utf8.count - 8))
    }
    return tokenized
  }

  func embed(_ texts: TokenizedTexts) -> EmbeddingBatch {
    var values = (0..<texts.count).flatMap { Self.vector(texts.ids[texts.offsets[$0]..<texts.offsets[$0 + 1]]) }
    if precision == "coarse" { values = values.map { ($0 * 2).rounded() / 2 } }
    if precision == "broken" { values[3] = .nan }
    return EmbeddingBatch(
      dimension: dimension, values: values, tokens: zip(texts.offsets, texts.offsets.dropFirst()).map { $1 - $0 },
      truncatedTokens: texts.truncatedTokens)
  }

  func embed(_ texts: [String], as role: EmbeddingRole) -> EmbeddingBatch { embed(tokenize(texts, as: role)) }

  static func vector(_ ids: ArraySlice<Int32>) -> [Float] {
    (0..<5).map { place in ids.enumerated().reduce(0) { $0 + sin(Float($1.1) * Float(place + 1) + Float($1.0)) } }
  }
}

/// Takes texts alone, as a model behind a server does.
struct FakeService: Embedder {
  let name = "service"
  let dimension = 2
  let maximumTokens: Int? = nil
  let isNormalized = true

  func embed(_ texts: [String], as role: EmbeddingRole) -> EmbeddingBatch {
    EmbeddingBatch(dimension: 2, values: texts.flatMap { _ in [1, 0] }, tokens: [], truncatedTokens: [])
  }
}

/// Experiments on a corpus of 25 short documents; adapters are Perl scripts whose name is their fault.
final class EmbedBench {
  let folder: TemporaryFolder
  private let exchange: AdapterFolder
  /// Called with "engine threads batch" before every pass.
  var onPass: (String) throws -> Void = { _ in }

  init() throws {
    folder = try TemporaryFolder()
    exchange = try AdapterFolder(in: NSTemporaryDirectory())
  }

  static let corpus = Corpus(
    name: "words",
    documents: (0..<25).map { number in
      Document(id: "\(number)", text: String(repeating: "abcde", count: number % 4 + 1) + "\(number)", source: "test")
    })

  private var resources: WorkloadResources {
    let exchange = exchange
    return WorkloadResources(
      dataset: { throw EngineError("no dataset \($0.source) here") },
      texts: { _ in nil },
      engine: { throw EngineError("no index \($0.engine) here") },
      store: { throw EngineError("no store \($0.name) here") },
      truth: { _, _, _ in throw EngineError("no truth here") },
      corpus: { _ in Self.corpus },
      chunker: { specification in try ChunkerFactory.make(specification) { throw EngineError("no tokenizer \($0)") } },
      embedder: { specification, _ in try Self.embedder(specification) },
      embeddingEngine: { [unowned self] choice in
        let inner: any EmbeddingEngine =
          switch choice.source {
          case .inTree(let embedder): InTreeEmbeddingEngine { _ in try Self.embedder(embedder.specification) }
          case .adapter(let name, let model, _, _):
            AdapterEmbeddingEngine(
              name: name, command: ["perl", "-e", EmbeddingAdapterFixture.script, name], model: model,
              parameters: choice.parameters.dictionary, folder: exchange)
          }
        return WatchedEngine(inner: inner, name: choice.engine) { [unowned self] in try onPass($0) }
      },
      generation: .none, serving: .none, rag: .none,
      cores: 2)
  }

  private static func embedder(_ specification: EmbedderSpecification) throws -> any Embedder {
    switch specification.kind {
    case "bytes": FakeModel(precision: specification.parameters["precision"])
    case "service": FakeService()
    default: throw EngineError("no embedder \(specification.kind) here")
    }
  }

  func plan(_ sections: String) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse("experiments:\n\(sections)", file: "test.yml")),
      workloads: [EmbedSection.workload(resources)])
  }

  func run(_ sections: String, resume: Bool = false) throws -> RunRecord {
    let store = try RunStore(path: folder.path + "/runs.sqlite")
    let runner = ExperimentRunner(
      store: store, progress: RunProgress(seconds: { 0 }, isTerminal: false, write: { _ in }),
      machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release"), git: nil,
      now: { Date(timeIntervalSince1970: 1_700_000_000) })
    return try runner.run(try plan(sections), resume: resume, available: nil)
  }
}

/// Tells of every pass before it is taken.
private final class WatchedEngine: EmbeddingEngine {
  private let inner: any EmbeddingEngine
  private let name: String
  private let onPass: (String) throws -> Void
  private var threads = 0

  init(inner: any EmbeddingEngine, name: String, onPass: @escaping (String) throws -> Void) {
    self.inner = inner
    self.name = name
    self.onPass = onPass
  }

  func load(threads: Int) throws -> Double {
    self.threads = threads
    return try inner.load(threads: threads)
  }

  func embed(_ texts: EmbeddingTexts, batch: Int) throws -> EmbeddingPass {
    try onPass("\(name) \(threads) \(batch) \(texts.count)")
    return try inner.embed(texts, batch: batch)
  }

  func privateBytes() throws -> Int? { try inner.privateBytes() }

  func close() { inner.close() }
}
