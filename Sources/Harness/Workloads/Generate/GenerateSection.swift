package import Experiments
package import Generation
internal import YAML

/// A section `workload: generate`: what generates which outputs, all requests being there from the beginning.
package struct GenerateSection: Workload {
  package static let kind = "generate"

  package var name: String
  package var sources: [RequestSource]
  /// Of each source; `nil`: all of a file, 64 that are drawn.
  package var requests: Int?
  /// Outputs of each request.
  package var n: [Int]
  /// Whether each output of a request has a length of its own.
  package var hasIndependentOutputs: Bool
  package var engines: [GenerationEngineChoice]
  package var policies: [PolicyChoice]
  package var budget: KVBudget?
  /// As the spec writes it.
  package var budgetText: String?
  package var tokenLimit: TokenLimit
  package var maxSequences: [Int]
  package var maxBatchedTokens: Int
  package var maxModelLength: Int
  package var threads: [Int]
  package var temperature: Float
  package var repetitions: Int
  package var warmup: Int
  let resources: WorkloadResources

  static let defaultMaxSequences = 256
  static let defaultMaxModelLength = 2048

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in GenerateSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    sources = RequestSource.read(reader)
    requests = reader.has("requests") ? reader.integer("requests", in: 1...10_000_000, default: 1) : nil
    n = reader.integers("n", in: 1...1024, default: [1])
    hasIndependentOutputs = reader.choice("outputs", default: OutputLengths.equal) == .independent
    engines = GenerationEngineChoice.read(reader)
    policies = PolicyChoice.read(reader)
    budget = KVBudget.read(reader)
    budgetText = reader.value("kv_memory")?.string
    maxModelLength = reader.integer("max_model_len", in: 2...LengthLaw.longest, default: Self.defaultMaxModelLength)
    tokenLimit = Self.tokenLimit(reader)
    maxSequences = reader.integers("max_num_seqs", in: 1...65_536, default: [Self.defaultMaxSequences])
    maxBatchedTokens = reader.integer("max_num_batched_tokens", in: 1...1 << 24, default: 2048)
    threads = Self.threads(reader)
    temperature = Float(reader.number("temperature", in: 0...100, default: 1))
    repetitions = reader.integer("repetitions", in: 1...1000, default: SearchSection.defaultRepetitions)
    warmup = reader.integer("warmup", in: 0...1000, default: 1)
  }

  private enum OutputLengths: String, CaseIterable { case equal, independent }

  static func threads(_ reader: SpecReader) -> [Int] { reader.integers("threads", in: 1...1024, default: [1]) }

  /// `exact`, `model`, or a number.
  private static func tokenLimit(_ reader: SpecReader) -> TokenLimit {
    guard let value = reader.value("max_tokens") else { return .exact }
    if value.string == "exact" { return .exact }
    if value.string == "model" { return .model }
    if let number = value.int, number >= 1 { return .tokens(number) }
    reader.report("max_tokens", "must be exact, model, or a number of tokens of at least 1, not \(value.kind)")
    return .exact
  }

  /// What is asked of each source.
  var demand: RequestSet.Demand {
    var longest: Int?
    if case .tokens(let count) = tokenLimit { longest = count }
    return RequestSet.Demand(
      count: requests, outputs: n.max() ?? 1, isIndependent: hasIndependentOutputs, limit: maxModelLength,
      longestOutput: longest)
  }
}
