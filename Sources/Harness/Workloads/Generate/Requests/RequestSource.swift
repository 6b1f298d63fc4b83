package import Experiments
internal import Spelling

/// Where requests come from: lengths that are drawn, a file of prompts or of lengths, or the texts of a corpus.
package struct RequestSource: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case drawn(prompt: LengthLaw, output: LengthLaw)
    /// A name of the catalogue, or a path; and the length of answers that the file does not tell.
    case file(String, output: LengthLaw)
    case corpus(CorpusTexts, output: LengthLaw)
  }

  package var kind: Kind
  /// What ids and tables call it.
  package var name: String

  package init(kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }

  /// Mean lengths of prompts and answers that the PagedAttention paper gives of its two workloads (section 6.1).
  static let presets: [String: (prompt: Double, output: Double)] = ["sharegpt": (161, 338), "alpaca": (19, 58)]

  /// How long answers to prompts are where nobody says.
  static let usualOutput = LengthLaw.fixed(128)

  /// The entries of a section's `prompts`: `sharegpt`, `"lengths:prompt=32-256,output=~128"`, `"mt-bench:output=128"`,
  /// `"corpus:name=handbook,part=questions"`, a path, or a mapping `source:` with these parameters beside it, all combinations of which are used, and `as:`.
  package static func read(_ section: SpecReader) -> [RequestSource] {
    StageGrid.read(
      section, key: "prompts", noun: "source", example: "[sharegpt, \"lengths:prompt=32-256,output=16-256\"]"
    )
    .flatMap { grid in
      grid.parameters.points.compactMap { point in
        do {
          return RequestSource(kind: try kind(grid.kind, point), name: grid.alias ?? name(grid.kind, point))
        } catch {
          grid.element.report("\(error)")
          return nil
        }
      }
    }
  }

  private static func name(_ kind: String, _ point: ParameterPoint) -> String {
    let last = kind.split(separator: "/").last.map(String.init) ?? kind
    return last + (point.entries.isEmpty ? "" : ":" + point.idPart)
  }

  private static func kind(_ kind: String, _ point: ParameterPoint) throws(EngineError) -> Kind {
    let isDrawn = kind == "lengths" || presets[kind] != nil
    let isCorpus = kind == "corpus"
    let known =
      (isDrawn ? ["prompt", "prompt_sigma"] : isCorpus ? CorpusTexts.parameters : []) + ["output", "output_sigma"]
    for entry in point.entries where !known.contains(entry.name) {
      throw EngineError("\(kind) has no parameter '\(entry.name)'; \(Spelling.hint(for: entry.name, among: known))")
    }
    let preset = presets[kind]
    let output = try law("output", point, preset: preset?.output)
    if isCorpus { return .corpus(try CorpusTexts(point), output: output ?? usualOutput) }
    guard isDrawn else { return .file(kind, output: output ?? usualOutput) }
    guard let prompt = try law("prompt", point, preset: preset?.prompt), let output else {
      throw EngineError("lengths need a 'prompt' and an 'output', such as lengths:prompt=512,output=16-256")
    }
    return .drawn(prompt: prompt, output: output)
  }

  private static func law(
    _ name: String, _ point: ParameterPoint, preset: Double?
  ) throws(EngineError) -> LengthLaw? {
    var sigma: Double?
    if let word = point["\(name)_sigma"] {
      guard let number = Double(word), (0.01...5).contains(number) else {
        throw EngineError("\(name)_sigma is a number from 0.01 to 5, not '\(word)'")
      }
      sigma = number
    }
    var law = preset.map { LengthLaw.logNormal(mean: $0, sigma: sigma ?? LengthLaw.usualSigma) }
    if let word = point[name] {
      guard let given = LengthLaw(word, sigma: sigma) else {
        throw EngineError(
          "\(name) is a length such as 512, a range such as 32-256 or a mean such as ~161, not '\(word)'")
      }
      law = given
    }
    if sigma != nil, law?.isLogNormal != true {
      throw EngineError("\(name)_sigma is the spread of log-normal lengths, such as \(name)=~161")
    }
    return law
  }
}
