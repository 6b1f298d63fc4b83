internal import Documents
package import Experiments
internal import Generation
internal import GenerationClient
internal import YAML

extension RequestShape {
  /// What a section says of its prompts beside where they come from: `endpoint` (completions, chat), `temperature`, `outputs`
  /// (fixed, natural), `synthetic` (ids, words), `prefix` and `sessions`.
  package static func read(_ reader: SpecReader) -> RequestShape {
    var shape = RequestShape()
    shape.endpoint = reader.choice("endpoint", default: shape.endpoint)
    shape.outputLengths = reader.choice("outputs", default: shape.outputLengths)
    shape.synthetic = reader.choice("synthetic", default: shape.synthetic)
    shape.sampling.temperature = Float(reader.number("temperature", in: 0...100, default: 1))
    if let prefix = reader.mapping("prefix") { shape.prefix = PromptPrefix.read(prefix) }
    if let sessions = reader.mapping("sessions") { shape.sessions = SessionShape.read(sessions) }
    return shape
  }

  /// What tells cases of such requests from others, by name.
  package var labels: [String: String] {
    var labels: [String: String] = [:]
    if endpoint != .completions { labels["endpoint"] = endpoint.rawValue }
    if outputLengths != .fixed { labels["outputs"] = outputLengths.rawValue }
    switch prefix {
    case .none: break
    case .system(let tokens, let distinct):
      labels["prefix"] = "system:\(tokens)" + (distinct > 1 ? ",distinct=\(distinct)" : "")
    case .passages(let texts, let count, _): labels["prefix"] = "passages:\(count),corpus=\(texts.corpus)"
    }
    if let sessions { labels["sessions"] = sessions.label }
    return labels
  }
}

extension PromptPrefix {
  /// `{system: 512, distinct: 4}`: a system prompt of so many tokens, one of four by turns; or `{passages: 4, corpus: handbook,
  /// chunker: "recursive:size=512", exponent: 1}`: passages before each question, some more popular than others.
  fileprivate static func read(_ reader: SpecReader) -> PromptPrefix {
    defer { reader.finish() }
    guard reader.has("passages") else {
      if !reader.has("system") { reader.report("says neither 'system', tokens of a system prompt, nor 'passages'") }
      return .system(
        tokens: reader.integer("system", in: 1...LengthLaw.longest, default: 1),
        distinct: reader.integer("distinct", in: 1...1_000_000, default: 1))
    }
    let count = reader.integer("passages", in: 1...1000, default: 1)
    let corpus = reader.optionalText("corpus") ?? ""
    if !reader.has("corpus") { reader.report("says no 'corpus' that the passages are of, such as handbook") }
    var texts = CorpusTexts(corpus: corpus)
    if let word = reader.optionalText("chunker") {
      do { texts.chunker = try ChunkerSpecification(parsing: word) } catch { reader.report("chunker", "\(error)") }
    }
    return .passages(texts, count: count, exponent: reader.number("exponent", in: 0...10, default: 1))
  }
}

extension SessionShape {
  /// `{turns: recorded, think: 2s}`, `{turns: 2-5, think: ~2s}`: `~` for a mean of exponentially distributed pauses.
  fileprivate static func read(_ reader: SpecReader) -> SessionShape {
    defer { reader.finish() }
    var turns = Turns.recorded
    let word = reader.text("turns", default: "recorded")
    if word != "recorded" {
      if let law = LengthLaw(word) {
        turns = .drawn(law)
      } else {
        reader.report("turns", "must be recorded, a number such as 3, or a range such as 2-5, not '\(word)'")
      }
    }
    return SessionShape(turns: turns, thinking: reader.pause("think").pause)
  }

  fileprivate var label: String {
    switch turns {
    case .recorded: "recorded"
    case .drawn(.fixed(let count)): "turns=\(count)"
    case .drawn(.uniform(let range)): "turns=\(range.lowerBound)-\(range.upperBound)"
    case .drawn(.logNormal(let mean, _)): "turns=~\(LoadChoice.number(mean))"
    }
  }
}
