package import Experiments
internal import GenerationClient
internal import Spelling
internal import YAML

extension ServerChoice {
  /// Parameters of our own server, with the option that states each.
  private static let options = [
    "kv_policy": "--kv-policy", "kv_memory": "--kv-memory", "block_size": "--block-size",
    "reservation": "--reservation", "sharing": "--no-sharing", "prefix_cache": "--no-prefix-cache",
    "max_num_seqs": "--max-num-seqs",
    "max_num_batched_tokens": "--max-num-batched-tokens", "max_model_len": "--max-model-len", "threads": "--threads",
  ]
  /// Those that are said by leaving something out.
  private static let switches: Set = ["sharing", "prefix_cache"]

  private static let example = "[{start: ragmeter, model: smollm2-135m}, {url: http://127.0.0.1:8000, preset: vllm}]"

  /// The entries of a section's `servers`, at least one; mistakes are reported.
  ///
  /// - `{start: ragmeter, model: smollm2-135m, kv_policy: [static, paged], threads: 2}`: our own, with every combination of its
  ///   options;
  /// - `{url: http://127.0.0.1:8000, preset: vllm, model: M, tokenizer: smollm2-135m, api_key_env: NAME}`: one that is there;
  /// - `{command: "llama-server --port {port} -m M", url: "http://127.0.0.1:{port}", ready: /health, timeout: 60s}`: one that is
  ///   started.
  ///
  /// `as:` is what ids and tables call it.
  package static func read(_ section: SpecReader) -> [ServerChoice] {
    let elements = section.elements("servers")
    if elements.isEmpty { section.report("says no 'servers', such as \(example)") }
    return elements.flatMap { element -> [ServerChoice] in
      guard element.node.mapping != nil else {
        element.report("must be a mapping such as those of \(example), not \(element.node.kind)")
        return []
      }
      let reader = element.reader
      let alias = reader.optionalText("as")
      if alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
      return reader.has("start") ? readOwn(element, reader, alias) : readOther(reader, alias)
    }
  }

  private static func readOwn(_ element: SpecElement, _ reader: SpecReader, _ alias: String?) -> [ServerChoice] {
    let started = reader.optionalText("start")
    if let started, started != "ragmeter" {
      reader.report("start", "'\(started)' is no server of ours; start ragmeter, or give a 'command' and its 'url'")
    }
    guard let model = reader.optionalText("model") else {
      if !reader.has("model") { reader.report("says no 'model' to serve, such as smollm2-135m") }
      return []
    }
    let start = reader.seconds("timeout") ?? usualStart
    let taken: Set = ["start", "model", "as", "timeout"]
    let axes = (element.node.mapping ?? []).filter { !taken.contains($0.key) }.compactMap { entry -> GridAxis? in
      guard options[entry.key] != nil else {
        let hint = Spelling.hint(for: entry.key, among: options.keys.sorted())
        reader.report(entry.key, "ragmeter serve has no parameter '\(entry.key)'; \(hint)")
        return nil
      }
      return GridAxis(entry.key, entry.value, path: "\(element.path).\(entry.key)", problems: element.problems)
    }
    return ParameterGrid(axes: axes).points.compactMap { point in
      guard let words = words(point, element) else { return nil }
      return ServerChoice(
        source: .own(options: words), model: model, name: alias ?? "ragmeter", parameters: point, startSeconds: start)
    }
  }

  /// `nil` for a value that no option takes, which is reported.
  private static func words(_ point: ParameterPoint, _ element: SpecElement) -> [String]? {
    var words: [String] = []
    for entry in point.entries {
      guard let option = options[entry.name] else { continue }
      guard switches.contains(entry.name) else {
        words += [option, entry.value]
        continue
      }
      guard let isOn = Bool(entry.value) else {
        element.report("\(entry.name) is true or false, not '\(entry.value)'")
        return nil
      }
      if !isOn { words.append(option) }
    }
    return words
  }

  private static func readOther(_ reader: SpecReader, _ alias: String?) -> [ServerChoice] {
    let command = reader.elements("command").compactMap(\.node.string)
    let preset = reader.optionalText("preset")
    let known = ServerProfile.presets.map(\.name)
    if let preset, !known.contains(preset) {
      reader.report("preset", "no server is called '\(preset)'; \(Spelling.hint(for: preset, among: known))")
    }
    let url = reader.optionalText("url") ?? ""
    if url.isEmpty, !(command.isEmpty && preset != nil) {
      reader.report("says neither 'start: ragmeter' nor the 'url' of a server")
    }
    let model = reader.optionalText("model")
    let tokenizer = reader.optionalText("tokenizer")
    let key = reader.optionalText("api_key_env")
    let start = reader.seconds("timeout") ?? usualStart
    let ready = reader.text("ready", default: "/health")
    if !ready.hasPrefix("/") { reader.report("ready", "is a path of the server, such as /health") }
    if command.isEmpty {
      for name in ["ready", "timeout"] where reader.has(name) {
        reader.report(name, "is for a server that a 'command' starts")
      }
    }
    reader.finish()
    return [
      ServerChoice(
        source: command.isEmpty ? .remote : .command(split(command), ready: ready), url: url, preset: preset,
        model: model, tokenizer: tokenizer, keyVariable: key, name: alias ?? preset ?? host(url), startSeconds: start)
    ]
  }

  /// One word is a line for a shell; several are the program and its arguments.
  private static func split(_ command: [String]) -> [String] {
    command.count == 1 ? ["/bin/sh", "-c", "exec \(command[0])"] : command
  }

  /// "127.0.0.1:8000" of "http://127.0.0.1:8000/v1".
  private static func host(_ url: String) -> String {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    return String(rest.prefix { $0 != "/" })
  }
}
