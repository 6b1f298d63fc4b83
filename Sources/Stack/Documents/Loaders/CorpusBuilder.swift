internal import Files

/// Gathers documents and questions, and what a reader of the corpus must know about how they were read.
struct CorpusBuilder {
  private let source: String
  private var documents: [Document] = []
  private var questions: [Question] = []
  private var notes: [String] = []
  private var binaries: [String] = []
  private var places: [String: String] = [:]
  private var asked: Set<String> = []

  /// - Parameter source: what errors call the corpus.
  init(source: String) { self.source = source }

  var count: Int { documents.count }

  func has(document id: String) -> Bool { places[id] != nil }

  /// - Parameter place: where the document stands in the source, for a message.
  /// - Throws: `DataError.corrupt` for an id that was taken before.
  mutating func add(_ document: Document, at place: String) throws {
    if let first = places.updateValue(place, forKey: document.id) {
      throw DataError.corrupt(
        path: source, at: place, reason: "the id '\(document.id)' was taken before, at \(first); ids must differ")
    }
    documents.append(document)
  }

  /// - Throws: `DataError.corrupt` for an id that was taken before.
  mutating func add(_ question: Question, at place: String) throws {
    guard asked.insert(question.id).inserted else {
      throw DataError.corrupt(
        path: source, at: place, reason: "the question id '\(question.id)' was taken before; ids must differ")
    }
    questions.append(question)
  }

  mutating func leaveOut(binary name: String) { binaries.append(name) }

  mutating func warn(_ sentence: String) { notes.append(sentence) }

  func corpus(name: String) -> Corpus {
    var warnings = notes
    if !binaries.isEmpty {
      warnings.append("left out \(binaries.count) binary file\(binaries.count == 1 ? "" : "s"): \(Self.list(binaries))")
    }
    let mended = documents.filter { $0.repairs > 0 }
    if !mended.isEmpty {
      let total = mended.map(\.repairs).reduce(0, +)
      let names = mended.map { "\($0.id) (\($0.repairs))" }
      warnings.append("\(total) broken byte sequence\(total == 1 ? "" : "s") became U+FFFD: \(Self.list(names))")
    }
    let empty = documents.filter { $0.text.isEmpty }.map(\.id)
    if !empty.isEmpty {
      warnings.append("\(empty.count) document\(empty.count == 1 ? " has" : "s have") no text: \(Self.list(empty))")
    }
    return Corpus(name: name, documents: documents, questions: questions, warnings: warnings)
  }

  /// The first few names, and how many there are beyond.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(10).joined(separator: ", ")
    return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
  }
}
