import Documents
import Embedders
import Experiments
import Foundation
import GenerationClient
import Instrumentation
import RunStore
import Statistics
import Workloads
import YAML

/// A server whose loads come to what a test says.
final class FakeServer: LoadedServer {
  private let measured: (LoadRequests, LoadPoint, UInt64) throws -> LoadResult
  private let closed: () -> Void
  var failure: String?

  init(
    _ measured: @escaping (LoadRequests, LoadPoint, UInt64) throws -> LoadResult, closed: @escaping () -> Void
  ) {
    self.measured = measured
    self.closed = closed
  }

  func measure(_ requests: LoadRequests, _ point: LoadPoint, seed: UInt64) throws -> LoadResult {
    try measured(requests, point, seed)
  }

  func close() { closed() }
}

/// A pass of ten seconds in which so many requests of 64 tokens ended, all alike.
func loadResult(_ point: LoadPoint, requests: Int = 40, ttft: Double = 0.1) -> LoadResult {
  var result = LoadResult()
  result.counts.scheduled = requests
  result.counts.completed = requests
  result.window = 1_000_000_000..<11_000_000_000
  result.wallSeconds = 12
  result.clientCPUSeconds = 0.3
  result.completedInWindow = requests
  result.arrivedInWindow = requests
  result.keptLevels = point.levels.ttft.map { ttft <= $0 ? requests : 0 } ?? requests
  result.goodInWindow = result.keptLevels
  result.outputTokens = requests * 64 * point.n
  result.promptTokens = requests * 20
  result.chunks = result.outputTokens
  for _ in 0..<requests {
    result.ttft.record(UInt64(ttft * 1e9))
    result.serviceTTFT.record(UInt64(ttft * 1e9))
    result.e2e.record(2_000_000_000)
    result.serviceE2E.record(2_000_000_000)
    result.scheduleLag.record(20_000)
    for _ in 0..<63 * point.n {
      result.itl.record(30_000_000)
      result.itlPerToken.record(30_000_000)
    }
    result.tpot.record(30_000_000)
    if point.n > 1 { result.finishSkew.record(5_000_000) }
  }
  return result
}

/// Experiments on servers that are not there: `onMeasure` says what a load comes to.
final class ServeBench {
  let folder: TemporaryFolder
  /// "open NAME PARAMETERS", "close NAME PARAMETERS", "measure …", in order.
  private(set) var events: [String] = []
  /// Told server, requests, load and seed.
  var onMeasure: (ServerChoice, LoadRequests, LoadPoint, UInt64) throws -> LoadResult = { _, _, point, _ in
    loadResult(point)
  }
  var onOpen: (ServerChoice) throws -> Void = { _ in }
  /// Why a server is gone after a load.
  var onEnd: (ServerChoice) -> String? = { _ in nil }

  init() throws { folder = try TemporaryFolder() }

  var storePath: String { folder.path + "/runs.sqlite" }

  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// - Parameter serving: instead of the bench's own.
  func resources(serving: ServingResources? = nil) -> WorkloadResources {
    WorkloadResources(
      dataset: { throw EngineError("no dataset \($0.source) here") },
      texts: { _ in nil },
      engine: { throw EngineError("no index \($0.engine) here") },
      store: { throw EngineError("no store \($0.name) here") },
      truth: { _, _, _ in throw EngineError("no truth here") },
      corpus: { throw EngineError("no corpus \($0.source) here") },
      chunker: { throw EngineError("no chunker \($0.kind) here") },
      embedder: { specification, _ in throw EngineError("no embedder \(specification.kind) here") },
      embeddingEngine: { throw EngineError("no embedding engine \($0.engine) here") },
      generation: GenerationResources(
        prompts: { $0 }, tokenizer: { _ in ByteTokenizer() },
        engine: { throw EngineError("no generation engine \($0.engine) here") }),
      serving: serving ?? fakes, rag: .none, cores: 2)
  }

  private var fakes: ServingResources {
    ServingResources(
      tokenizer: { _ in ByteTokenizer() },
      open: { [unowned self] choice, _ in
        let words = choice.idParts.joined(separator: " ")
        events.append("open \(words)")
        try onOpen(choice)
        var server: FakeServer?
        let made = FakeServer { [unowned self] requests, point, seed in
          events.append("measure \(words)")
          let result = try onMeasure(choice, requests, point, seed)
          server?.failure = onEnd(choice)
          return result
        } closed: { [unowned self] in
          events.append("close \(words)")
          server = nil
        }
        server = made
        return made
      })
  }

  func plan(_ sections: String, seed: Int = 42, serving: ServingResources? = nil) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse("seed: \(seed)\nexperiments:\n\(sections)", file: "test.yml")),
      workloads: [ServeSection.workload(resources(serving: serving))])
  }

  func run(
    _ sections: String, seed: Int = 42, resume: Bool = false, serving: ServingResources? = nil
  ) throws -> RunRecord {
    let store = try RunStore(path: storePath)
    let runner = ExperimentRunner(
      store: store, progress: RunProgress(seconds: { 0 }, isTerminal: false, write: { _ in }),
      machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release"), git: nil,
      now: { Date(timeIntervalSince1970: 1_700_000_000) })
    return try runner.run(try plan(sections, seed: seed, serving: serving), resume: resume, available: nil)
  }

  func passes(of id: String, in run: RunRecord) throws -> [PassRecord] {
    try RunStore(path: storePath).passes(of: id, in: run.run.id)
  }
}

extension ServingResources {
  /// Where nothing serves.
  static var none: ServingResources {
    ServingResources(
      tokenizer: { throw EngineError("no tokenizer of \($0.name) here") },
      open: { choice, _ in throw EngineError("no server \(choice.name) here") })
  }
}
