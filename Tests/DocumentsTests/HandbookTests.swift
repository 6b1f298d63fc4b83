import Documents
import Foundation
import Testing

/// The project's own corpus: what its README promises.
@Suite struct HandbookTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "datasets/handbook").path

  private let corpus: Corpus

  init() throws { corpus = try CorpusLoader.load(path: Self.folder, format: .handbook) }

  @Test func holdsEnoughToScoreOn() throws {
    #expect(corpus.documents.count >= 60 && corpus.questions.count >= 150)
    #expect(corpus.warnings.isEmpty, "\(corpus.warnings)")
    #expect(try CorpusFormat(of: Self.folder) == .handbook)
  }

  @Test func passagesAreOneTopicEach() {
    for passage in corpus.documents {
      let words = passage.text.split(whereSeparator: \.isWhitespace).count
      #expect((150...400).contains(words), "\(passage.id) has \(words) words")
      #expect(passage.title?.isEmpty == false && passage.text.hasPrefix("# "), "\(passage.id)")
      #expect(passage.id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(passage.id)")
    }
    #expect(Set(corpus.documents.map(\.title)).count == corpus.documents.count)
  }

  /// Passages that share many runs of five words would make a question's judgements wrong.
  @Test func passagesDoNotRepeatEachOther() {
    let runs = corpus.documents.map { passage in
      let words = passage.text.lowercased().split { !$0.isLetter && !$0.isNumber }
      return Set((0..<max(words.count - 4, 0)).map { words[$0..<$0 + 5].joined(separator: " ") })
    }
    for first in runs.indices {
      for second in runs.indices where second > first {
        let shared = runs[first].intersection(runs[second]).count
        #expect(shared < 12, "\(corpus.documents[first].id) and \(corpus.documents[second].id) share \(shared)")
      }
    }
  }

  @Test func everyPassageIsAskedAboutAndEveryQuestionIsAnswered() {
    let asked = Set(corpus.questions.flatMap(\.judgements.keys))
    for passage in corpus.documents { #expect(asked.contains(passage.id), "nobody asks about \(passage.id)") }
    for question in corpus.questions {
      #expect(question.text.hasSuffix("?") && !question.judgements.isEmpty, "\(question.id)")
      #expect(!question.answers.isEmpty && question.answers.allSatisfy { !$0.isEmpty }, "\(question.id)")
      #expect(!question.evidence.isEmpty, "\(question.id) shows no place")
      for place in question.evidence { #expect(question.judgements[place.document] == 1, "\(question.id)") }
    }
    #expect(Set(corpus.questions.map(\.text)).count == corpus.questions.count)
    #expect(corpus.questions.count { $0.judgements.count > 1 } >= 20)
  }

  /// Questions that no count of words would answer: none of their words of four letters stands in the evidence.
  @Test func someQuestionsAreParaphrased() {
    let hard = corpus.questions.filter { question in
      let own = Set(question.text.lowercased().split { !$0.isLetter }.filter { $0.count > 3 }.map(String.init))
      return question.evidence.allSatisfy { place in
        let text = corpus.documents.first { $0.id == place.document }?.text ?? ""
        let quote = String(decoding: Array(text.utf8)[place.range], as: UTF8.self)
        return own.isDisjoint(with: quote.lowercased().split { !$0.isLetter }.map(String.init))
      }
    }
    #expect(hard.count >= 15, "\(hard.count)")
  }
}

@Suite struct HandbookFormatTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "ragmeter-handbook-\(UUID().uuidString)")
    .path

  private func load(_ questions: String) throws -> Corpus {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: "\(folder)/passages", withIntermediateDirectories: true)
    try Data("# Bees\n\nBees dance. Bees fly.\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/passages/bees.md"))
    try Data(questions.utf8).write(to: URL(fileURLWithPath: "\(folder)/questions.jsonl"))
    return try CorpusLoader.load(path: folder, format: .handbook, name: "own")
  }

  private func line(_ passage: String, _ quote: String) -> String {
    #"{"id": "1", "question": "Who?", "answers": ["bees"], "passages": ["bees"], "evidence": [{"passage": "\#(passage)", "quote": "\#(quote)"}]}"#
      + "\n"
  }

  @Test func quotesBecomePlaces() throws {
    let corpus = try load(line("bees", "Bees dance."))
    #expect(corpus.name == "own" && corpus.documents.map(\.id) == ["bees"] && corpus.documents[0].title == "Bees")
    #expect(corpus.questions[0].evidence == [Evidence(document: "bees", range: 8..<19)])
    #expect(corpus.questions[0].judgements == ["bees": 1])
  }

  @Test(
    arguments: [
      ("bees", "Bees", "line 1: the quote 'Bees' does not stand exactly once in 'bees'"),
      ("bees", "wasps", "line 1: the quote 'wasps' does not stand exactly once"),
      ("bees", "", "does not stand exactly once"),
      ("wasps", "Bees dance.", "line 1: no passage is called 'wasps'"),
    ])
  func straysAreNamed(passage: String, quote: String, sentence: String) {
    let error = #expect(throws: (any Error).self) { try load(line(passage, quote)) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(sentence))
  }

  @Test func questionsTwiceAreRefused() {
    let error = #expect(throws: (any Error).self) { try load(line("bees", "dance") + line("bees", "fly")) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("the question id '1' was taken before"))
  }

  @Test func questionsOfAFileAreAskedOfAnyDocuments() throws {
    let path = "\(folder).jsonl"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let documents = [
      Document(id: "bees", text: "Bees dance.", source: "bees"), Document(id: "ants", text: "", source: "ants"),
    ]
    let corpus = Corpus(
      name: "insects", documents: documents, questions: [Question(id: "old", text: "?", judgements: [:])])
    let lines = [
      #"{"id": "1", "question": "Who?", "answers": [], "passages": ["ants", "bees"]}"#,
      #"{"id": "2", "question": "How?", "answers": ["so"], "passages": ["bees"], "evidence": [{"passage": "bees", "quote": "dance"}]}"#,
    ]
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    let asking = try corpus.asking(questionsAt: path)
    #expect(asking.documents == documents && asking.questions.map(\.id) == ["1", "2"])
    #expect(asking.questions[0].judgements == ["ants": 1, "bees": 1] && asking.questions[0].evidence.isEmpty)
    #expect(asking.questions[1].evidence == [Evidence(document: "bees", range: 5..<10)])
    let error = #expect(throws: (any Error).self) {
      try Corpus(name: "none", documents: []).asking(questionsAt: path)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("line 1: no passage is called 'ants'"))
  }
}
