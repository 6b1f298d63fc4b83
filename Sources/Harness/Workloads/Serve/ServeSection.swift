package import Experiments
internal import Generation
package import GenerationClient
internal import YAML

/// A section `workload: serve`: which servers are put under which loads, and what is asked of them.
package struct ServeSection: Workload {
  package static let kind = "serve"

  package var name: String
  package var servers: [ServerChoice]
  /// Empty where only traces are replayed, which bring their own.
  package var sources: [RequestSource]
  package var shape: RequestShape
  /// Outputs of a prompt.
  package var n: [Int]
  /// Whether n outputs are asked for by n requests too.
  package var comparesSplit: Bool
  package var loads: [LoadChoice]
  package var stop: LoadPoint.Stop
  /// Share of the arrivals.
  package var warmup: Double
  package var drainSeconds: Double
  package var levels: ServiceLevels
  /// nil: no request waits.
  package var ceilings: [Double?]
  package var client: ClientOptions
  /// Tokens that a prompt and an output have together at most.
  package var maxModelLength: Int
  package var repetitions: Int
  let resources: WorkloadResources

  static let defaultRequests = 100
  static let defaultMaxModelLength = 2048

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in ServeSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    servers = ServerChoice.read(reader)
    loads = LoadChoice.read(reader)
    let hasOnlyTraces = !loads.isEmpty && loads.allSatisfy(\.isTrace)
    sources = reader.has("prompts") || !hasOnlyTraces ? RequestSource.read(reader) : []
    shape = RequestShape.read(reader)
    n = reader.integers("n", in: 1...1024, default: [1])
    comparesSplit = reader.bool("compare_n", default: false)
    stop = Self.stop(reader)
    warmup = reader.number("warmup", in: 0...0.9, default: 0.1)
    drainSeconds = reader.seconds("drain") ?? 120
    levels = ServiceLevels.read(reader)
    ceilings = Self.ceilings(reader)
    client = ClientOptions.read(reader)
    maxModelLength = reader.integer("max_model_len", in: 2...LengthLaw.longest, default: Self.defaultMaxModelLength)
    repetitions = reader.integer("repetitions", in: 1...1000, default: 3)
    if levels.isEmpty, loads.contains(where: \.isSweep) {
      reader.report("load", "a sweep looks for the highest rate that keeps the 'slo', such as {ttft: 500ms, itl: 50ms}")
    }
  }

  private static func stop(_ reader: SpecReader) -> LoadPoint.Stop {
    var stop = LoadPoint.Stop()
    if reader.has("requests") { stop.requests = reader.integer("requests", in: 1...100_000_000, default: 1) }
    stop.seconds = reader.seconds("seconds")
    if reader.has("precision") { stop.precision = reader.number("precision", in: 0.001...1, default: 0.05) }
    stop.metric = reader.choice("precision_of", default: stop.metric)
    return stop
  }

  /// `kv_ceiling: [none, 0.9]`.
  private static func ceilings(_ reader: SpecReader) -> [Double?] {
    let elements = reader.elements("kv_ceiling")
    guard !elements.isEmpty else { return [nil] }
    return elements.compactMap { element -> Double?? in
      if element.node.string == "none" { return .some(nil) }
      guard let share = element.node.double, share > 0, share <= 1 else {
        element.report("must be none or a share of the KV memory such as 0.9, not \(element.node.kind)")
        return nil
      }
      return .some(share)
    }
  }
}

extension ClientOptions {
  /// A section's `timeouts: {connect: 10s, first_token: 300s, silence: 60s, request: 15min}` and `retries`, how often a request
  /// is put again.
  fileprivate static func read(_ reader: SpecReader) -> ClientOptions {
    var options = ClientOptions()
    options.retries.attempts = 1 + reader.integer("retries", in: 0...100, default: 0)
    guard let timeouts = reader.mapping("timeouts") else { return options }
    options.connectTimeout = timeouts.seconds("connect") ?? options.connectTimeout
    options.firstTokenTimeout = timeouts.seconds("first_token") ?? options.firstTokenTimeout
    options.silenceTimeout = timeouts.seconds("silence") ?? options.silenceTimeout
    options.requestTimeout = timeouts.seconds("request") ?? options.requestTimeout
    timeouts.finish()
    return options
  }
}
