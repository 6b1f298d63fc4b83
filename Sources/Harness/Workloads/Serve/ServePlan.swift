package import Experiments
internal import GenerationClient

extension ServeSection {
  /// - Throws: what keeps a source's requests from being had.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    var targets = servers.map { ServePlan.Target(choice: $0, cases: []) }
    var hashes: [String: String] = [:]
    var leftOut: [String] = []
    for place in targets.indices {
      let choice = targets[place].choice
      let tokenizer = try resources.serving.tokenizer(choice)
      func requests(_ source: RequestSource, _ shape: RequestShape, replayed: LoadChoice? = nil) throws -> LoadRequests
      {
        let reading = LoadRequests.Reading(
          count: replayed == nil ? mostRequests : (replayed?.requests ?? stop.requests), limit: maxModelLength,
          tokenizer: tokenizer, path: resources.generation.prompts, texts: resources.texts)
        let requests = try LoadRequests(source, shape, isReplay: replayed != nil, seed: seed, reading)
        hashes[requests.name] = requests.contentHash
        if requests.leftOut > 0 {
          leftOut.append(
            "\(requests.name): \(requests.leftOut) requests are longer than max_model_len \(maxModelLength) and left out"
          )
        }
        return requests
      }
      for source in sources {
        let requests = try requests(source, shape)
        targets[place].cases += cases(choice, requests, loads.filter { !$0.isTrace }, seed: seed)
      }
      for load in loads {
        guard case .trace(let trace, let scale) = load.pattern else { continue }
        var shape = shape
        shape.replay.scale = scale
        let name = trace.split(separator: "/").last.map(String.init) ?? trace
        let source = RequestSource(kind: .file(trace, output: RequestSource.usualOutput), name: name)
        targets[place].cases += cases(choice, try requests(source, shape, replayed: load), [load], seed: seed)
      }
    }
    return ServePlan(section: self, targets: targets, hashes: hashes, leftOut: Set(leftOut).sorted(), seed: seed)
  }

  /// Requests of the longest load, as far as it says.
  private var mostRequests: Int {
    max(loads.compactMap(\.requests).max() ?? 0, stop.requests ?? 0, Self.defaultRequests)
  }

  private func cases(
    _ choice: ServerChoice, _ requests: LoadRequests, _ loads: [LoadChoice], seed: UInt64
  ) -> [ServePlan.Case] {
    loads.flatMap { load in
      n.flatMap { n in
        (comparesSplit && n > 1 ? [false, true] : [false]).flatMap { isSplit in
          ceilings.map { ceiling in
            ServePlan.Case(
              one: oneCase(choice, requests, load, n: n, isSplit: isSplit, ceiling: ceiling, seed: seed),
              requests: requests)
          }
        }
      }
    }
  }

  private func oneCase(
    _ choice: ServerChoice, _ requests: LoadRequests, _ load: LoadChoice, n: Int, isSplit: Bool, ceiling: Double?,
    seed: UInt64
  ) -> ServeCase {
    let id = ServeCase.id(
      section: name, source: requests.name, server: choice, n: n, isSplit: isSplit, ceiling: ceiling, load: load.name)
    var labels = choice.labels.merging(load.labels) { $1 }.merging(shape.labels) { $1 }
    labels["dataset"] = requests.name
    labels["n"] = "\(n)"
    if isSplit { labels["outputs_as"] = "requests" }
    if let ceiling { labels["kv_ceiling"] = LoadChoice.number(ceiling) }
    if !levels.isEmpty { labels["slo"] = levels.label }
    let place = ServeSeed(seed).mixed(requests.name, load.name, "\(n) \(isSplit) \(labels["kv_ceiling"] ?? "")")
    return ServeCase(
      planned: PlannedCase(id: id, workload: Self.kind, labels: labels), load: load, n: n, isSplit: isSplit,
      ceiling: ceiling, seed: place.value)
  }
}

/// A serve section with its requests.
struct ServePlan: WorkloadPlan {
  struct Case {
    var one: ServeCase
    var requests: LoadRequests
  }

  /// A server, and the cases that share it.
  struct Target {
    var choice: ServerChoice
    var cases: [Case]
  }

  let section: ServeSection
  let targets: [Target]
  let hashes: [String: String]
  let leftOut: [String]
  let seed: UInt64

  /// A small model's weights with what computing with it takes, and keys and values where no budget is stated.
  private static let serverBytes = 756 << 20

  var cases: [PlannedCase] { targets.flatMap { $0.cases.map(\.one.planned) } }

  var dataHashes: [String: String] { hashes }

  /// One server runs at a time.
  var memory: Int { targets.contains { $0.choice.isOwn } ? Self.serverBytes : 0 }

  func run(_ recorder: CaseRecorder) throws {
    for sentence in leftOut { recorder.warn(sentence) }
    try ServeRun(self, recorder: recorder).run()
  }
}

/// Seeds that differ wherever what they are for does, and are the same on every machine.
struct ServeSeed {
  private(set) var value: UInt64

  init(_ value: UInt64) { self.value = value }

  /// By FNV-1a over the words.
  func mixed(_ words: String...) -> ServeSeed {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ value
    for word in words {
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
    }
    return ServeSeed(hash)
  }
}
