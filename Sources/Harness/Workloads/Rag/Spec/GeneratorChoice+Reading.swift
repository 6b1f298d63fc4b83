package import Experiments
internal import Generation
internal import GenerationClient
internal import Spelling
internal import YAML

extension GeneratorChoice {
  /// Systems that retrieve and answer by themselves.
  package static let agents = ["llama-stack"]

  /// Parameters of the engine, by vLLM's names where it has them.
  private static let engineParameters = [
    "kv_policy", "kv_memory", "block_size", "reservation", "sharing", "prefix_cache", "max_num_seqs",
    "max_num_batched_tokens", "max_model_len", "threads",
  ]
  private static let example = "[smollm2-135m, {url: http://127.0.0.1:8000, preset: vllm, model: M}]"

  /// The entries of a section's `generators`, at least one; mistakes are reported.
  ///
  /// - `smollm2-135m`, or `{model: smollm2-135m, kv_policy: paged, kv_memory: 64MiB, threads: 2, max_model_len: 2048}` with
  ///   every combination of its parameters: in this process;
  /// - `{url: http://127.0.0.1:8000, preset: vllm, model: M, api_key_env: NAME, tokenizer: smollm2-135m, max_model_len: 2048}`;
  /// - `{agent: llama-stack, url: http://127.0.0.1:8321, model: M}`: a whole remote system.
  ///
  /// `as:` is what ids and tables call the model.
  package static func read(_ section: SpecReader, cores: Int) -> [GeneratorChoice] {
    let elements = section.elements("generators")
    if elements.isEmpty { section.report("says no 'generators', such as \(example)") }
    return elements.flatMap { element -> [GeneratorChoice] in
      guard element.node.mapping != nil else {
        guard let model = element.node.string else {
          element.report("must be a model, or a mapping such as those of \(example), not \(element.node.kind)")
          return []
        }
        return [GeneratorChoice(source: .model(model, usualOptions(cores: cores)))]
      }
      let reader = element.reader
      let alias = reader.optionalText("as")
      if alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
      if reader.has("agent") { return readAgent(reader, alias) }
      return reader.has("url") || reader.has("preset")
        ? readServer(reader, alias) : readModel(element, reader, alias, cores: cores)
    }
  }

  private static func usualOptions(cores: Int) -> EngineOptions {
    var options = EngineOptions()
    options.threads = cores
    return options
  }

  private static func readModel(
    _ element: SpecElement, _ reader: SpecReader, _ alias: String?, cores: Int
  ) -> [GeneratorChoice] {
    guard let model = reader.optionalText("model") else {
      if !reader.has("model") { reader.report("says neither a 'model' to run here nor the 'url' of a server") }
      return []
    }
    let axes = (element.node.mapping ?? []).filter { !["model", "as"].contains($0.key) }.compactMap {
      entry -> GridAxis? in
      guard engineParameters.contains(entry.key) else {
        let hint = Spelling.hint(for: entry.key, among: engineParameters)
        reader.report(entry.key, "the engine has no parameter '\(entry.key)'; \(hint)")
        return nil
      }
      return GridAxis(entry.key, entry.value, path: "\(element.path).\(entry.key)", problems: element.problems)
    }
    return ParameterGrid(axes: axes).points.compactMap { point in
      do {
        let options = try options(point, cores: cores)
        return GeneratorChoice(source: .model(model, options), parameters: point, alias: alias)
      } catch {
        element.report("\(error)")
        return nil
      }
    }
  }

  /// - Throws: `EngineError` for a value that a parameter does not have.
  private static func options(_ point: ParameterPoint, cores: Int) throws(EngineError) -> EngineOptions {
    var options = usualOptions(cores: cores)
    if let word = point["kv_policy"] {
      guard let batching = KVPolicy.Batching(rawValue: word) else {
        let hint = Spelling.hint(for: word, among: KVPolicy.Batching.allCases.map(\.rawValue))
        throw EngineError("unknown kv_policy '\(word)'; \(hint)")
      }
      options.policy = KVPolicy(batching: batching)
    }
    let ofPolicy = ParameterPoint(
      point.entries.filter { ["block_size", "reservation", "sharing", "prefix_cache"].contains($0.name) })
    options.policy = try PolicyChoice.policy(options.policy.batching, ofPolicy)
    if let word = point["kv_memory"] {
      do {
        options.kvBudget = try KVBudget(parsing: word)
      } catch {
        throw EngineError("kv_memory: \(error)")
      }
    }
    func count(_ name: String, in range: ClosedRange<Int>) throws(EngineError) -> Int? {
      guard let word = point[name] else { return nil }
      guard let number = Int(word), range.contains(number) else {
        throw EngineError("\(name) is an integer from \(range.lowerBound) to \(range.upperBound), not '\(word)'")
      }
      return number
    }
    options.threads = try count("threads", in: 1...1024) ?? options.threads
    options.maxSequences = try count("max_num_seqs", in: 1...1_000_000) ?? options.maxSequences
    options.maxBatchedTokens = try count("max_num_batched_tokens", in: 1...1_000_000) ?? options.maxBatchedTokens
    options.maxModelLength = try count("max_model_len", in: 2...10_000_000)
    return options
  }

  private static func readServer(_ reader: SpecReader, _ alias: String?) -> [GeneratorChoice] {
    let preset = reader.optionalText("preset")
    let known = ServerProfile.presets.map(\.name)
    if let preset, !known.contains(preset) {
      reader.report("preset", "no server is called '\(preset)'; \(Spelling.hint(for: preset, among: known))")
    }
    let hasLength = reader.has("max_model_len")
    let server = Server(
      url: reader.optionalText("url"), preset: preset, model: reader.optionalText("model"),
      keyVariable: reader.optionalText("api_key_env"), tokenizer: reader.optionalText("tokenizer"),
      contextLength: hasLength ? reader.integer("max_model_len", in: 2...10_000_000, default: 2) : nil)
    if hasLength, server.tokenizer == nil {
      reader.report("max_model_len", "needs a 'tokenizer', a model here whose words the server counts")
    }
    reader.finish()
    return [GeneratorChoice(source: .server(server), alias: alias)]
  }

  private static func readAgent(_ reader: SpecReader, _ alias: String?) -> [GeneratorChoice] {
    let kind = reader.optionalText("agent") ?? ""
    if !agents.contains(kind) {
      reader.report("agent", "no system is called '\(kind)'; \(Spelling.hint(for: kind, among: agents))")
    }
    let choice = GeneratorChoice(
      source: .agent(kind: kind, url: reader.optionalText("url"), model: reader.optionalText("model")), alias: alias)
    reader.finish()
    return [choice]
  }
}
