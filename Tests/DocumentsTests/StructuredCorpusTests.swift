import Documents
import Files
import Foundation
import TestFixtures
import Testing

/// Corpora whose files say which questions they answer, and JSON lines.
@Suite struct StructuredCorpusTests {
  @Test func jsonLinesGiveIdsTitlesAndMetadata() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("documents.jsonl"))
    #expect(corpus.documents.map(\.id) == ["a", "7", "5"])
    #expect(corpus.documents.map(\.text) == ["first", "second \u{2028} line", "third"])
    #expect(corpus.documents[0].title == "A")
    #expect(corpus.documents[0].metadata == ["year": "2020", "public": "true"])
    #expect(corpus.warnings.isEmpty)
  }

  @Test func jsonLinesTakeTheirFieldsFromOptions() throws {
    let folder = TemporaryFolder()
    let path = try folder.file("x.jsonl", #"{"key": "k", "body": "b", "head": "h", "text": "not this"}"#)
    var options = LoadingOptions()
    options.fields = JSONFields(id: "key", text: "body", title: "head")
    let document = try #require(try CorpusLoader.load(path: path, options: options).documents.first)
    #expect(document == Document(id: "k", title: "h", text: "b", source: path, metadata: ["text": "not this"]))
  }

  @Test(arguments: [
    ("{\"text\": \"a\"}\nnot JSON\n", "line 2: is no JSON"),
    ("{\"txt\": \"a\"}", "line 1: the field 'text' is missing"),
    ("\n\n{\"text\": 3}", "line 3: the field 'text' holds another type than it should"),
    ("[1]", "line 1: is no JSON object"),
    (
      "{\"id\": \"x\", \"text\": \"\"}\n{\"id\": \"x\", \"text\": \"\"}",
      "line 2: the id 'x' was taken before, at line 1"
    ),
  ])
  func badLinesAreNamed(lines: String, complaint: String) throws {
    let folder = TemporaryFolder()
    let path = try folder.file("bad.jsonl", lines)
    #expect {
      try CorpusLoader.load(path: path)
    } throws: {
      "\($0)".hasPrefix("\(path): \(complaint)")
    }
  }

  @Test func brokenBytesInJSONLinesAreMendedAndCounted() throws {
    let folder = TemporaryFolder()
    let path = try folder.file("x.jsonl", Array("{\"text\": \"caf".utf8) + [0xE9] + Array("\"}".utf8))
    let corpus = try CorpusLoader.load(path: path)
    #expect(corpus.documents.map(\.text) == ["caf\u{FFFD}"])
    #expect(corpus.warnings == ["1 broken byte sequence became U+FFFD: 1 (1)"])
  }

  @Test func beirFoldersGiveGradedQuestions() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("beir"))
    #expect(corpus.documents.map(\.id) == ["d1", "d2"])
    #expect(corpus.documents.map(\.title) == ["One", nil])
    #expect(corpus.questions == [Question(id: "q1", text: "asked", judgements: ["d1": 2, "d9": 1, "d2": 0])])
    #expect(
      corpus.warnings == [
        "1 judged queries are not in queries.jsonl: q9", "1 judged documents are not in the corpus: d9",
      ])
  }

  @Test(arguments: [
    ("qrels/test.tsv", "q1\td1\n", "line 1"), ("corpus.jsonl", "{\"text\": \"x\"}\n", "the field '_id' is missing"),
  ])
  func brokenBEIRFoldersAreRefused(file: String, content: String, complaint: String) throws {
    let folder = TemporaryFolder()
    for name in ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"] {
      _ = try folder.file(name, name == file ? content : Golden.text("beir/\(name)"))
    }
    #expect {
      try CorpusLoader.load(path: folder.path)
    } throws: {
      "\($0)".contains(complaint)
    }
  }

  @Test func squadGivesQuestionsWithTheirEvidence() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("squad.json"))
    let text = "漢字 😀 stand before the answer, 42."
    #expect(corpus.documents == [Document(id: "0-0", title: "T", text: text, source: Golden.path("squad.json"))])
    #expect(corpus.questions.map(\.id) == ["q1", "q2"])
    #expect(corpus.questions[0].answers == ["42", "stand"])
    #expect(corpus.questions[0].judgements == ["0-0": 1])
    let bytes = Array(text.utf8)
    let places = corpus.questions[0].evidence.map { String(decoding: bytes[$0.range], as: UTF8.self) }
    #expect(places == ["42", "stand"])
    #expect(corpus.questions[1].evidence.isEmpty)
    #expect(
      corpus.warnings == [
        "1 answers do not stand where the file says; they have no evidence", "left out 1 questions that have no answer",
      ])
  }

  @Test func squadThatIsNoneIsRefused() throws {
    let folder = TemporaryFolder()
    let path = try folder.file("x.json", #"{"data": [{"paragraphs": [{"qas": []}]}]}"#)
    #expect {
      try CorpusLoader.load(path: path)
    } throws: {
      "\($0)" == "\(path): SQuAD: the field 'context' is missing"
    }
  }

  @Test(.enabled(if: Mirror.isPresent, "skipped: RAGMETER_MIRROR is not set"))
  func xquadHasItsParagraphsAndQuestions() throws {
    let corpus = try CorpusLoader.load(path: "\(Mirror.folder ?? "")/xquad-en/xquad.en.json", name: "xquad-en")
    #expect(corpus.documents.count == 240)
    #expect(corpus.questions.count == 1190)
    #expect(corpus.warnings.isEmpty)
    let texts = Dictionary(uniqueKeysWithValues: corpus.documents.map { ($0.id, Array($0.text.utf8)) })
    for question in corpus.questions {
      #expect(question.evidence.count >= 1)
      for place in question.evidence {
        let text = try #require(texts[place.document])
        #expect(question.answers.contains(String(decoding: text[place.range], as: UTF8.self)))
      }
    }
  }

  @Test(.enabled(if: Mirror.isPresent, "skipped: RAGMETER_MIRROR is not set"))
  func theFAQFolderFallsIntoSeventyTwoPieces() throws {
    let corpus = try CorpusLoader.load(path: "\(Mirror.folder ?? "")/milvus-docs-2.4/faq")
    #expect(corpus.documents.count == 4)
    #expect(corpus.documents.first { $0.id == "product_faq.md" }?.title == "Product FAQ")
    let chunker = try SeparatorChunker(separator: "# ")
    #expect(corpus.documents.flatMap { chunker.chunks(of: $0.text) }.count == 72)
  }
}

/// Questions that come beside a corpus, of the scenarios: each names documents and quotes that are there.
@Suite struct ScenarioQuestionTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Benchmarks/scenarios").path

  @Test(
    .enabled(if: Mirror.isPresent, "the mirrored data are not there"),
    arguments: [
      ("milvus-faq", "milvus-docs-2.4/faq", "*.md"), ("milvus-docs", "milvus-docs-2.4", "**/*.md"),
      ("torchtune", "torchtune-tutorials", "*.rst"),
    ])
  func everyQuestionNamesWhatIsThere(name: String, folder: String, glob: String) throws {
    var options = LoadingOptions()
    options.glob = glob
    let corpus = try CorpusLoader.load(path: "\(Mirror.folder ?? "")/\(folder)", format: .folder, options: options)
    let asking = try corpus.asking(questionsAt: "\(Self.folder)/\(name)-questions.jsonl")
    #expect(asking.questions.count >= 12)
    #expect(asking.questions.allSatisfy { !$0.judgements.isEmpty && !$0.answers.isEmpty })
  }
}
