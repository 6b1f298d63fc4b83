import Embedders
import Foundation
import Generation
import GenerationClient
import HTTP
import ModelFiles
import RAGServer
import VectorStores

/// `ragmeter serve --model M --embedder E`
enum ServeVerb: Verb {
  static let name = "serve"
  static let summary = "serve a language model, an embedder and RAG over HTTP, as OpenAI's API, vLLM and Llama Stack do"
  static let options: [Option] =
    [
      .value("--config"), .value("--model"), .value("--embedder"), .value("--store"), .value("--served-model-name"),
      .value("--host"), .value("--port"), .value("--fetch-max-bytes"), .value("--fetch-timeout"),
      .flag("--allow-private-urls"),
      .value("--api-key-env"), .value("--max-model-len"), .value("--max-concurrent"), .value("--max-waiting"),
      .value("--max-connections"), .value("--max-body-bytes"), .value("--drain-timeout"),
    ] + GenerateVerb.engineOptions
  static let usage = """
    usage: ragmeter serve [options]

    Answers /v1/models, /v1/completions, /v1/chat/completions, /v1/embeddings, /tokenize, /detokenize, /health, /version and
    /metrics (Prometheus text, with vLLM's names), and llama-stack-client 0.2: vector databases, the RAG tool, agents with
    sessions and turns; until SIGTERM or Ctrl-C. Then no request is let in any more, /health says
    503, those under way are answered, and the exit code is 0; a second signal ends it at once. One line on standard error
    says when it is ready, and where.

      --config FILE          everything in the manner of Llama Stack's run.yaml: models, providers, port; in place of --model,
                             --embedder and --store. --host and --port go before what it says
      --model M              a name of 'ragmeter model list', or the path, with a slash, of a folder or a .gguf file
                             (smollm2-135m)
      --embedder E           what answers /v1/embeddings: minilm, hashing, ...; parameters follow a colon (none)
      --store S              where vector databases are kept: a file (docs.store), milvus:url=..., ... (a file that is
                             removed at the end)
      --served-model-name N  what callers name the model (its own name)
      --host H               an address to listen on; anyone who reaches it may ask (127.0.0.1: this machine alone)
      --port P               0 takes a free one (8321)
      --api-key-env NAME     an environment variable that holds the key which callers must send; never the key itself
      --max-model-len N      tokens of a prompt and an output together (what the model was trained for)
      --max-concurrent N     requests under way at once; more are told to come back, with 429 (4096)
      --max-waiting N        requests that may wait to be let in; more are told to come back, with 429 (4096)
      --max-connections N    open connections; more wait at the door (4096)
      --max-body-bytes N     the longest body that is read; a longer one is refused, with 413 (16777216)
      --fetch-max-bytes N    the longest document that is fetched for a client who names its URL (16777216)
      --fetch-timeout S      seconds that one may take (30)
      --allow-private-urls   fetch from this machine and its own network too, not from public addresses alone
      --drain-timeout S      seconds that requests under way have to end when the server is to stop (30)

    \(GenerateVerb.engineUsage)

    example: ragmeter serve --model smollm2-135m --embedder minilm --port 8321
             curl http://127.0.0.1:8321/v1/completions -H 'Content-Type: application/json' \\
               -d '{"prompt": "Once upon a time", "max_tokens": 20}'
             ragmeter serve --config run.yaml
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if let operand = arguments.operands.first { throw UsageError("takes no operand such as '\(operand)'") }
    let environment = ProcessInfo.processInfo.environment
    var engineOptions = try GenerateVerb.engineOptions(arguments)
    engineOptions.maxWaiting = try arguments.integer("--max-waiting", in: 1...1_000_000, default: 4096)
    if arguments.value("--max-model-len") != nil {
      engineOptions.maxModelLength = try arguments.integer("--max-model-len", in: 1...Int(Int32.max), default: 1)
    }
    let drainSeconds = try arguments.integer("--drain-timeout", in: 0...86_400, default: 30)
    let scratch = arguments.value("--store") == nil && arguments.value("--embedder") != nil ? ScratchStore() : nil
    defer { scratch?.remove() }
    let configuration = try configuration(arguments, scratch?.specification, environment: environment)
    for sentence in configuration.notices { note(sentence) }
    var options = try serverOptions(arguments, configuration, environment: environment)
    options.servedModelName = options.servedModelName ?? configuration.language.id

    let library = try ModelLibrary(environment: environment)
    for kind in configuration.embeddings.map(\.embedder) where library.catalog[kind] != nil {
      _ = try DownloadBar.fetching(kind, from: library)
    }
    let stack = try StackOptions(opening: configuration, models: library, threads: engineOptions.threads) { note($0) }
    defer { for provider in stack.vectorProviders { try? provider.store.close() } }
    let embedder = stack.embeddings.first?.embedder
    let engine: Engine?
    let server: Server
    switch configuration.language.source {
    case .local(let name):
      let opened = try Engine.open(
        model: LanguageModel.open(DownloadBar.fetching(name, from: library)), options: engineOptions)
      engine = opened
      server = try Server(engine: opened, embedder: embedder, options: options, stack: stack)
    case .remote(let remote):
      engine = nil
      let profile = try ServerProfile(url: remote.url, preset: remote.preset)
      let key = try remote.key.map { try APIKey(variable: $0.variable, environment: [$0.variable: $0.value]) }
      server = try Server(
        profile: profile, model: remote.name,
        key: key ?? APIKey.find(for: profile, environment: environment), embedder: embedder, options: options,
        stack: stack)
    }
    defer { if let engine { Waiting.finish { await engine.shutDown() } } }
    let signals = StopSignals()
    announce(server, engine, embedder, options)

    signals.wait()
    note("stopping: \(drainSeconds) s for what is under way")
    let ended = server.drain(seconds: Double(drainSeconds))
    if ended > 0 { note("\(ended) requests were ended unfinished; --drain-timeout gives them longer") }
    server.stop()
    if let engine {
      for line in EngineSummary(engine.statistics, blockSize: engineOptions.policy.blockSize).lines { note(line) }
    }
    return .success
  }

  /// What the file says, or else the options.
  private static func configuration(
    _ arguments: Arguments, _ scratch: StoreSpecification?, environment: [String: String]
  ) throws -> StackConfiguration {
    var limits = FetchLimits()
    if let path = arguments.value("--config") {
      for option in ["--model", "--embedder", "--store"] where arguments.value(option) != nil {
        throw UsageError("\(option) stands in the file of --config; leave one of them out")
      }
      var configuration = try StackConfiguration(path: path, environment: environment)
      limits = configuration.fetching
      configuration.fetching = try fetching(arguments, limits)
      return configuration
    }
    let embedder = arguments.value("--embedder")
    do { _ = try embedder.map { try EmbedderSpecification(parsing: $0) } } catch {
      throw UsageError("--embedder: \(error)")
    }
    let store: StoreSpecification?
    do { store = try arguments.value("--store").map { try StoreSpecification(parsing: $0) } ?? scratch } catch {
      throw UsageError("--store: \(error)")
    }
    return StackConfiguration(
      model: arguments.value("--model") ?? "smollm2-135m", embedder: embedder, store: store,
      fetching: try fetching(arguments, limits))
  }

  private static func fetching(_ arguments: Arguments, _ standard: FetchLimits) throws -> FetchLimits {
    var limits = standard
    limits.bytes = try arguments.integer("--fetch-max-bytes", in: 1...1 << 32, default: limits.bytes)
    limits.seconds = try arguments.integer("--fetch-timeout", in: 1...86_400, default: limits.seconds)
    if arguments.has("--allow-private-urls") { limits.allowsPrivateAddresses = true }
    return limits
  }

  private static func serverOptions(
    _ arguments: Arguments, _ configuration: StackConfiguration, environment: [String: String]
  ) throws -> ServerOptions {
    var options = ServerOptions()
    options.host = arguments.value("--host") ?? configuration.host ?? options.host
    options.port = try arguments.integer("--port", in: 0...65_535, default: configuration.port ?? 8321)
    options.servedModelName = arguments.value("--served-model-name")
    if let name = arguments.value("--api-key-env") {
      guard let key = environment[name], !key.isEmpty else {
        throw UsageError("--api-key-env: the environment has no \(name); set it to the key that callers must send")
      }
      options.apiKey = key
    }
    let many = 1...1_000_000
    options.maxConcurrentRequests = try arguments.integer(
      "--max-concurrent", in: many, default: options.maxConcurrentRequests)
    options.maxConnections = try arguments.integer("--max-connections", in: many, default: options.maxConnections)
    options.maxBodyBytes = try arguments.integer(
      "--max-body-bytes", in: 1...1 << 40, default: options.maxBodyBytes)
    return options
  }

  /// The line that says that the server is ready; whoever started it may read the port there.
  private static func announce(
    _ server: Server, _ engine: Engine?, _ embedder: (any Embedder)?, _ options: ServerOptions
  ) {
    let host = options.host.contains(":") ? "[\(options.host)]" : options.host
    let cache = engine.map { engine in
      let policy = engine.configuration.policy
      return "\(policy.batching.rawValue) KV in \(engine.configuration.blockCount) blocks of \(policy.blockSize) tokens"
    }
    let parts = [
      "serving \(server.servedModelName) on http://\(host):\(server.port)", cache ?? "from another server",
      embedder.map { "embeddings by \($0.name)" }, options.apiKey.map { _ in "for those who have the key" },
    ]
    note(parts.compactMap { $0 }.joined(separator: ", "))
  }

  private static func note(_ sentence: String) {
    FileHandle.standardError.write(Data("\(sentence)\n".utf8))
  }
}

/// SIGTERM and SIGINT, waited for instead of died from.
private struct StopSignals {
  private let arrived = DispatchSemaphore(value: 0)
  private let sources: [any DispatchSourceSignal]
  private static let numbers = [SIGTERM, SIGINT]

  init() {
    let queue = DispatchQueue(label: "ragmeter.signals")
    sources = Self.numbers.map { [arrived] number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { arrived.signal() }
      source.resume()
      return source
    }
  }

  /// Waits for the first; another one ends the program as it would have without this.
  func wait() {
    arrived.wait()
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
