package import Documents
internal import Experiments
internal import Spelling

/// Texts of a corpus that models are asked, or given to read: its passages or its questions.
package struct CorpusTexts: Sendable, Hashable {
  package enum Part: String, Sendable, CaseIterable { case passages, questions }

  /// A name of the catalogue, or a path.
  package var corpus: String
  package var part: Part
  /// What cuts documents into passages.
  package var chunker: ChunkerSpecification

  /// Some 128 tokens of English.
  package static let usualChunker = ChunkerSpecification(kind: "recursive", parameters: ["size": "512"])

  package init(corpus: String, part: Part = .passages, chunker: ChunkerSpecification = usualChunker) {
    self.corpus = corpus
    self.part = part
    self.chunker = chunker
  }

  static let parameters = ["name", "part", "chunker"]

  /// Of the entry `corpus:name=handbook,part=questions`.
  init(_ point: ParameterPoint) throws(EngineError) {
    guard let name = point["name"], !name.isEmpty else {
      throw EngineError("a corpus needs its 'name', such as corpus:name=handbook")
    }
    self.init(corpus: name)
    if let word = point["part"] {
      guard let part = Part(rawValue: word) else {
        let known = Part.allCases.map(\.rawValue)
        throw EngineError("a corpus has no part '\(word)'; \(Spelling.hint(for: word, among: known))")
      }
      self.part = part
    }
    guard let word = point["chunker"] else { return }
    do {
      chunker = try ChunkerSpecification(parsing: word)
    } catch {
      throw EngineError(error.description)
    }
  }
}

extension WorkloadResources {
  /// The texts, in the order of the corpus.
  ///
  /// - Throws: what the corpus and the chunker throw; `EngineError` where there are none.
  package func texts(_ choice: CorpusTexts) throws -> [String] {
    let corpus = try corpus(CorpusChoice(source: choice.corpus))
    let texts: [String]
    switch choice.part {
    case .passages:
      let cutter = try chunker(choice.chunker)
      texts = corpus.documents.flatMap { cutter.chunks(of: $0.text).map(\.text) }
    case .questions: texts = corpus.questions.map(\.text)
    }
    guard !texts.isEmpty else { throw EngineError("corpus \(choice.corpus) has no \(choice.part.rawValue)") }
    return texts
  }
}
