package import Experiments
internal import Generation

extension GenerateSection {
  /// - Throws: what keeps a source's requests from being had.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    let groups = try sources.map { source in
      let set = try RequestSet(
        source, demand, seed: seed, path: resources.generation.prompts, texts: resources.texts)
      return GeneratePlan.Group(set: set, engines: engines.flatMap { planned($0, set, seed: seed) })
    }
    return GeneratePlan(section: self, groups: groups, seed: seed)
  }

  /// An engine on each number of threads; a simulation has none.
  private func planned(_ choice: GenerationEngineChoice, _ set: RequestSet, seed: UInt64) -> [GeneratePlan.Engine] {
    let counts: [Int?] = choice.isSimulated ? [nil] : (choice.threads ?? threads).map { $0 }
    return counts.map { threads in
      // What an adapter does about memory and sequences its own parameters say.
      let policies: [PolicyChoice?] = choice.isAdapter ? [nil] : policies.map { $0 }
      let sequences: [Int?] = choice.isAdapter ? [nil] : maxSequences.map { $0 }
      let cases = policies.flatMap { policy in
        sequences.flatMap { most in
          n.map { oneCase(choice, set, policy: policy, most: most, n: $0, threads: threads, seed: seed) }
        }
      }
      return GeneratePlan.Engine(choice: choice, threads: threads ?? 1, cases: cases)
    }
  }

  private func oneCase(
    _ choice: GenerationEngineChoice, _ set: RequestSet, policy: PolicyChoice?, most: Int?, n: Int, threads: Int?,
    seed: UInt64
  ) -> GenerateCase {
    let id = GenerateCase.id(
      section: name, source: set.name, engine: choice, policy: policy, n: n, threads: threads, maxSequences: most)
    var labels = choice.labels.merging(policy?.labels ?? [:]) { $1 }
    labels.merge(["dataset": set.name, "requests": "\(set.requests.count)", "n": "\(n)"]) { $1 }
    if let threads { labels["threads"] = "\(threads)" }
    if let most { labels["max_num_seqs"] = "\(most)" }
    if let budgetText, !choice.isAdapter { labels["kv_memory"] = budgetText }
    switch tokenLimit {
    case .exact: break
    case .model: labels["max_tokens"] = "model"
    case .tokens(let count): labels["max_tokens"] = "\(count)"
    }
    let setting = GenerationSetting(
      policy: policy?.policy ?? KVPolicy(batching: .paged), budget: budget,
      maxSequences: most ?? Self.defaultMaxSequences, maxBatchedTokens: maxBatchedTokens,
      maxModelLength: maxModelLength, temperature: temperature, seed: seed)
    return GenerateCase(planned: PlannedCase(id: id, workload: Self.kind, labels: labels), n: n, setting: setting)
  }
}

/// A generate section with its requests.
struct GeneratePlan: WorkloadPlan {
  /// A model on some threads, and the cases that share it.
  struct Engine: Sendable {
    var choice: GenerationEngineChoice
    var threads: Int
    var cases: [GenerateCase]
  }

  struct Group: Sendable {
    var set: RequestSet
    var engines: [Engine]
  }

  let section: GenerateSection
  let groups: [Group]
  let seed: UInt64

  /// A small model's weights, with what computing with it takes; of an adapter with its interpreter.
  private static let engineBytes = 500 << 20
  /// Keys and values, where no budget is stated in bytes.
  private static let usualBudget = 1 << 30

  var cases: [PlannedCase] { groups.flatMap { $0.engines.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.set.name, $0.set.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All engines of one group that are really there.
  var memory: Int {
    var budget = Self.usualBudget
    if case .bytes(let bytes) = section.budget { budget = bytes }
    return groups.map { group in
      group.engines.reduce(0) { $0 + ($1.choice.isSimulated ? 0 : Self.engineBytes + budget) }
    }.max() ?? 0
  }

  func run(_ recorder: CaseRecorder) throws {
    for group in groups {
      if group.set.leftOut > 0 {
        recorder.warn(
          "\(group.set.name): \(group.set.leftOut) requests are longer than max_model_len \(section.maxModelLength) and left out"
        )
      }
      try GenerateRun(group: group, section: section, seed: seed, recorder: recorder).run()
    }
  }
}
