import Workloads

/// What the verb's options say, as keys of a section `workload: serve`.
extension LoadVerb {
  static let serverOptions = [
    "--url": "url", "--preset": "preset", "--model": "model", "--tokenizer": "tokenizer",
    "--api-key-env": "api_key_env",
  ]
  static let loadOptions = [
    "--concurrency", "--rate", "--arrivals", "--ramp", "--trace", "--time-scale", "--sweep", "--share", "--think",
  ]
  static let sectionOptions = [
    "--n": "n", "--endpoint": "endpoint", "--synthetic": "synthetic", "--outputs": "outputs",
    "--temperature": "temperature", "--max-model-len": "max_model_len", "--requests": "requests",
    "--seconds": "seconds", "--precision": "precision", "--precision-of": "precision_of", "--warmup": "warmup",
    "--drain": "drain", "--kv-ceiling": "kv_ceiling", "--repetitions": "repetitions", "--retries": "retries",
  ]
  static let timeoutOptions = [
    "--timeout": "request", "--first-token-timeout": "first_token", "--silence-timeout": "silence",
    "--connect-timeout": "connect",
  ]

  /// - Throws: `UsageError` for what is no load at all; values are looked at as a spec's are.
  static func test(_ arguments: Arguments) throws -> LoadTest {
    var test = LoadTest()
    test.server = settings(arguments, serverOptions)
    guard arguments.value("--url") != nil || arguments.value("--preset") != nil else {
      throw UsageError("needs --url URL, such as http://127.0.0.1:8000, or the --preset of a service")
    }
    test.loads = try loads(arguments)
    test.prompts = arguments.all("--prompts")
    test.section = settings(arguments, sectionOptions)
    if arguments.value("--repetitions") == nil {
      test.section.append(LoadTest.Setting("repetitions", "1", option: "--repetitions"))
    }
    if arguments.has("--compare-n") {
      test.section.append(LoadTest.Setting("compare_n", "true", option: "--compare-n"))
    }
    for (option, key) in [("--slo", "slo"), ("--prefix", "prefix"), ("--sessions", "sessions")] {
      if let text = arguments.value(option) { test.mappings.append((key, try pairs(text, option))) }
    }
    let timeouts = settings(arguments, timeoutOptions)
    if !timeouts.isEmpty { test.mappings.append(("timeouts", timeouts)) }
    return test
  }

  private static func settings(_ arguments: Arguments, _ keys: [String: String]) -> [LoadTest.Setting] {
    keys.sorted { $0.key < $1.key }.compactMap { option, key in
      arguments.value(option).map { LoadTest.Setting(key, $0, option: option) }
    }
  }

  private static func loads(_ arguments: Arguments) throws -> [[LoadTest.Setting]] {
    func more(_ keys: [(option: String, key: String)]) -> [LoadTest.Setting] {
      keys.compactMap { option, key in arguments.value(option).map { LoadTest.Setting(key, $0, option: option) } }
    }
    var loads: [[LoadTest.Setting]] = []
    if let text = arguments.value("--concurrency") {
      loads.append(
        [LoadTest.Setting("concurrency", text, option: "--concurrency")] + more([("--think", "think")]))
    }
    if let text = arguments.value("--rate") {
      loads.append([LoadTest.Setting("rate", text, option: "--rate")] + more([("--arrivals", "arrivals")]))
    }
    if let text = arguments.value("--ramp") {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw UsageError("--ramp is A-B/SECONDS, such as 1-8/30, not '\(text)'") }
      loads.append(
        try span("ramp", parts[0], "--ramp") + [LoadTest.Setting("seconds", parts[1], option: "--ramp")])
    }
    if let text = arguments.value("--trace") {
      loads.append([LoadTest.Setting("trace", text, option: "--trace")] + more([("--time-scale", "time_scale")]))
    }
    if let text = arguments.value("--sweep") {
      loads.append(
        try span("sweep", text, "--sweep") + more([("--share", "share"), ("--arrivals", "arrivals")]))
    }
    guard !loads.isEmpty else {
      throw UsageError(
        "needs a load: --concurrency 1,4,16, --rate 1,2,4, --ramp 1-8/30, --trace FILE or --sweep 0.5-64")
    }
    for (option, owners) in [
      ("--arrivals", ["--rate", "--sweep"]), ("--time-scale", ["--trace"]), ("--share", ["--sweep"]),
      ("--think", ["--concurrency"]),
    ] where arguments.value(option) != nil && !owners.contains(where: { arguments.value($0) != nil }) {
      throw UsageError("\(option) is of \(owners.joined(separator: " and "))")
    }
    return loads
  }

  /// A kind of load from one rate to another.
  private static func span(_ kind: String, _ text: String, _ option: String) throws -> [LoadTest.Setting] {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, ends.allSatisfy({ !$0.isEmpty }) else {
      throw UsageError("\(option) goes from one rate to another, such as 1-8, which '\(text)' does not")
    }
    return [
      LoadTest.Setting(kind, text, option: option), LoadTest.Setting("from", ends[0], option: option),
      LoadTest.Setting("to", ends[1], option: option),
    ]
  }

  /// "ttft=500ms,itl=50ms".
  private static func pairs(_ text: String, _ option: String) throws -> [LoadTest.Setting] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { piece in
      guard let equals = piece.firstIndex(of: "="), equals > piece.startIndex else {
        throw UsageError("\(option) is NAME=VALUE,NAME=VALUE, and '\(piece)' is not")
      }
      return LoadTest.Setting(
        String(piece[..<equals]), String(piece[piece.index(after: equals)...]), option: option)
    }
  }
}
