package import Experiments
internal import Instrumentation
internal import Spelling
internal import YAML

extension LoadChoice {
  /// Requests a second that no machine here sees; a larger number is a slip.
  private static let rates = 1e-4...1e6
  private static let spans = 0.001...1e6

  /// The entries of a section's `load`, at least one; mistakes are reported:
  ///
  /// - `{concurrency: [1, 4, 16], think: 2s}`: closed loops, and how long each waits between an answer and its next request (not);
  /// - `{rate: [1, 2, 4], arrivals: "gamma:burstiness=0.5"}`: open ones; arrivals are poisson unless said;
  /// - `ramp: {from: 1, to: 8, seconds: 30}`;
  /// - `{trace: azure-code, time_scale: 0.1}`: as recorded, with a tenth of its seconds;
  /// - `sweep: {from: 0.5, to: 64, share: 0.9, precision: 0.05}`: the highest rate at which that share keeps the `slo`.
  ///
  /// Each may have `requests` and `seconds` of its own.
  package static func read(_ section: SpecReader) -> [LoadChoice] {
    let elements = section.elements("load")
    if elements.isEmpty { section.report("says no 'load', such as [{concurrency: [1, 4, 16]}, {rate: [1, 2, 4]}]") }
    return elements.flatMap { element -> [LoadChoice] in
      let reader = element.reader
      guard element.node.mapping != nil else { return [] }
      let kinds = ["concurrency", "rate", "ramp", "trace", "sweep"].filter { reader.has($0) }
      guard let kind = kinds.first, kinds.count == 1 else {
        reader.report(
          kinds.isEmpty
            ? "is one of concurrency, rate, ramp, trace or sweep"
            : "is \(kinds.joined(separator: " and ")) at once; give each an entry of its own")
        return []
      }
      let requests = reader.has("requests") ? reader.integer("requests", in: 1...100_000_000, default: 1) : nil
      let seconds = reader.seconds("seconds")
      let patterns = patterns(kind, reader)
      let thinking = kind == "concurrency" ? reader.pause("think") : (pause: .none, word: "")
      reader.finish()
      return patterns.map { pattern, name in
        var load = LoadChoice(pattern, name: name, requests: requests, seconds: seconds)
        load.thinking = thinking.pause
        if thinking.pause != .none { load.name += ",think=\(thinking.word)" }
        return load
      }
    }
  }

  private static func patterns(_ kind: String, _ reader: SpecReader) -> [(pattern: Pattern, name: String)] {
    switch kind {
    case "concurrency":
      return reader.integers("concurrency", in: 1...1_000_000, default: []).map {
        (.closed(concurrency: $0), "concurrency=\($0)")
      }
    case "rate":
      let law = arrivals(reader)
      let suffix = law.law == "poisson" ? "" : ",arrivals=\(law.law)"
      return reader.numbers("rate", in: rates, default: []).map {
        (.open(law.atRate($0)), "rate=\(number($0))\(suffix)")
      }
    case "ramp": return reader.mapping("ramp").flatMap(ramp).map { [$0] } ?? []
    case "trace":
      let scale = reader.number("time_scale", in: 1e-6...1e6, default: 1)
      guard let source = reader.optionalText("trace") else { return [] }
      let name = source.split(separator: "/").last.map(String.init) ?? source
      return [
        (.trace(source: source, timeScale: scale), "trace=\(name)" + (scale == 1 ? "" : ",time_scale=\(number(scale))"))
      ]
    default: return reader.mapping("sweep").map { [sweep($0)] } ?? []
    }
  }

  private static func ramp(_ reader: SpecReader) -> (pattern: Pattern, name: String)? {
    for name in ["from", "to", "seconds"] where !reader.has(name) { reader.report("says no '\(name)'") }
    let from = reader.number("from", in: 0...rates.upperBound, default: 1)
    let to = reader.number("to", in: rates, default: 1)
    let seconds = reader.number("seconds", in: spans, default: 1)
    reader.finish()
    return (
      .open(.ramp(from: from, to: to, seconds: seconds)),
      "ramp=\(number(from))-\(number(to)),seconds=\(number(seconds))"
    )
  }

  private static func sweep(_ reader: SpecReader) -> (pattern: Pattern, name: String) {
    let from = reader.number("from", in: rates, default: 0.5)
    let to = reader.number("to", in: rates, default: 1024)
    if from >= to { reader.report("to", "must be above 'from', \(number(from))") }
    let sweep = Sweep(
      rates: from...max(from, to), share: reader.number("share", in: 0.01...1, default: 0.9),
      precision: reader.number("precision", in: 0.001...1, default: 0.05), arrivals: arrivals(reader))
    reader.finish()
    let law = sweep.arrivals.law
    return (
      .sweep(sweep), "sweep=\(number(from))-\(number(to))" + (law == "poisson" ? "" : ",arrivals=\(law)")
    )
  }

  /// At a rate of 1.
  static func arrivals(_ reader: SpecReader) -> ArrivalProcess {
    let word = reader.text("arrivals", default: "poisson")
    let known = ["poisson", "constant", "gamma"]
    let text = try? SpecificationText(word)
    switch (text?.kind, text?.parameters.map(\.name)) {
    case ("poisson", []): return .poisson(rate: 1)
    case ("constant", []): return .constant(rate: 1)
    case ("gamma", ["burstiness"]):
      if let value = text?.dictionary["burstiness"].flatMap({ Double($0) }), (0.001...1000).contains(value) {
        return .gamma(rate: 1, burstiness: value)
      }
      reader.report("arrivals", "burstiness is a number from 0.001 to 1000, as in gamma:burstiness=0.5")
    case ("gamma", _): reader.report("arrivals", "gamma needs its shape alone: gamma:burstiness=0.5")
    default: reader.report("arrivals", "'\(word)' is no law of arrivals; \(Spelling.hint(for: word, among: known))")
    }
    return .poisson(rate: 1)
  }
}

extension SpecReader {
  /// A pause such as `2s`, or `~2s` for one that varies around it, and the word itself.
  func pause(_ key: String) -> (pause: Pause, word: String) {
    guard let word = optionalText(key) else { return (.none, "") }
    let isMean = word.hasPrefix("~")
    guard let seconds = SecondsWord.seconds(isMean ? String(word.dropFirst()) : word) else {
      report(key, "must be a time such as 2s, or ~2s for one that varies, not '\(word)'")
      return (.none, "")
    }
    return (isMean ? .exponential(mean: seconds) : .fixed(seconds: seconds), word)
  }
}
