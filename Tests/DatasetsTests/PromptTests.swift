import Datasets
import Files
import Foundation
import TestFixtures
import Testing

/// Prompts, and traces of their lengths.
@Suite struct PromptTests {
  private let folder = TemporaryFolder()

  @Test func aTraceIsReadByItsColumns() throws {
    let trace = try LengthTrace(
      path: folder.file("t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,4808,10\r\n,3,8\n\n"))
    #expect(trace.rows.map { [$0.promptTokens, $0.outputTokens] } == [[4808, 10], [3, 8]])
    let turned = try LengthTrace(path: folder.file("u.csv", "GeneratedTokens,\"ContextTokens\"\n1,2\n"))
    #expect(turned.rows == [LengthTrace.Row(promptTokens: 2, outputTokens: 1)])
  }

  @Test func aTraceTellsWhenItsRowsCame() throws {
    func seconds(_ times: [String]) throws -> [Double?] {
      let rows = times.map { "\($0),1,1\n" }.joined()
      return try LengthTrace(path: folder.file("w.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n" + rows)).rows.map(
        \.seconds)
    }
    // Of Azure's traces of 2023 and of 2024, across the end of a leap year's February and of a year.
    #expect(try seconds(["2023-11-16 18:15:46.6805900", "2023-11-16 18:15:50.9951690"]) == [0, 4.314579])
    #expect(try seconds(["2024-05-10 00:00:00.009930+00:00", "2024-05-10 01:00:01.009930+01:00"]) == [0, 1])
    #expect(try seconds(["2024-02-28T23:59:59Z", "2024-03-01T00:00:00Z"]) == [0, 86_401])
    #expect(try seconds(["2023-12-31 23:59:59.5", "2024-01-01 00:00:00"]) == [0, 0.5])
    // Numbers, rows out of order, and words that are no time.
    #expect(try seconds(["3.5", "1.25", "", "soon", "2024-13-01 00:00:00"]) == [2.25, 0, nil, nil, nil])
  }

  @Test(arguments: [
    ("TIMESTAMP,ContextTokens\n1,2\n", "line 1", "names the columns ContextTokens and GeneratedTokens"),
    ("ContextTokens,GeneratedTokens\n1,2\n3\n", "line 3", "has 1 columns, the first line 2"),
    ("ContextTokens,GeneratedTokens\n1,2,3\n", "line 2", "has 3 columns, the first line 2"),
    ("ContextTokens,GeneratedTokens\n1,2\n\n5,-4\n", "line 4", "GeneratedTokens is '-4'"),
    ("ContextTokens,GeneratedTokens\n0,2\n", "line 2", "ContextTokens is '0'"),
    ("ContextTokens,GeneratedTokens\n1,two\n", "line 2", "GeneratedTokens is 'two'"),
    ("ContextTokens,GeneratedTokens\n1,2.5\n", "line 2", "GeneratedTokens is '2.5'"),
    ("ContextTokens,GeneratedTokens\n99999999999999999999,2\n", "line 2", "ContextTokens is '99999999999999999999'"),
    ("ContextTokens,GeneratedTokens\n1,\"2\n", "line 2", "column 2 has a quote out of place"),
    ("ContextTokens,GeneratedTokens\n", "line 1", "a header and no row after it"),
    ("\n\n", "line 1", "the file holds no line"),
  ])
  func aBrokenTraceIsOneSentence(text: String, place: String, reason: String) throws {
    let path = try folder.file("broken.csv", text)
    let error = try #require(throws: DataError.self) { try LengthTrace(path: path) }
    #expect(error.description.contains(path) && error.description.contains(place), "\(error)")
    #expect(error.description.contains(reason) && !error.description.contains("\n"), "\(error)")
  }

  @Test func promptsAreLinesOrJSON() throws {
    #expect(try PromptFile(path: folder.file("p.txt", "one\n\n two \n")).prompts.map(\.text) == ["one", " two "])
    let lines = #"""
      {"prompt": "one\nline", "output_tokens": 7, "category": "x"}
      {"question_id": 81, "turns": ["first", "second"]}
      """#
    #expect(
      try PromptFile(path: folder.file("p.jsonl", lines)).prompts == [
        PromptFile.Prompt(text: "one\nline", outputTokens: 7),
        PromptFile.Prompt(text: "first", furtherTurns: ["second"]),
      ])
  }

  @Test(arguments: [
    ("{\"prompt\": \"a\"}\n{\"prompt\": 3}\n", "line 2", "the field 'prompt' holds another type than it should"),
    ("{\"text\": \"a\"}\n", "line 1", "holds neither a 'prompt' nor 'turns'"),
    ("{\"turns\": [\"a\", \"\"]}\n", "line 1", "holds an empty turn"),
    ("{\"turns\": []}\n", "line 1", "holds neither a 'prompt' nor 'turns'"),
    ("{\"prompt\": \"\"}\n", "line 1", "holds neither a 'prompt' nor 'turns'"),
    ("{\"prompt\": \"a\", \"output_tokens\": 0}\n", "line 1", "output_tokens is 0"),
    ("[1]\n", "line 1", "is no JSON object"), ("{\"prompt\": \"a\"\n", "line 1", "is no JSON object"),
    ("{\"prompt\": \"\u{FFFD}\"}\nx\n", "line 2", "is no JSON object"), ("\n", "line 1", "the file holds no prompt"),
  ])
  func aBrokenPromptIsOneSentence(text: String, place: String, reason: String) throws {
    let path = try folder.file("broken.jsonl", text)
    let error = try #require(throws: DataError.self) { try PromptFile(path: path) }
    #expect(error.description.contains(path) && error.description.contains(place), "\(error)")
    #expect(error.description.contains(reason), "\(error)")
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let path = try folder.file("broken.txt", "")
    try Data([0x61, 0x0A, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: DataError.self) { try PromptFile(path: path) }
    #expect(error.description.contains("line 2") && error.description.contains("is no UTF-8"))
    #expect(throws: DataError.self) { try PromptFile(path: folder.file("prompts.yml", "a")) }
  }

  private func catalog(_ prompts: String) throws -> DatasetLoader {
    let text = "schema: ragmeter.catalog/1\ndatasets: []\nprompts:\n  - {about: a, licence: l, source: s, \(prompts)}\n"
    return DatasetLoader(
      catalog: try Catalog(path: folder.file("catalog.yml", text)),
      library: DatasetLibrary(cache: "\(folder.path)/cache", mirror: "\(folder.path)/mirror"))
  }

  @Test func promptsAreFoundLikeOtherData() throws {
    let loader = try catalog("name: chat, requests: 1, mirror: traces, files: [{name: c.csv, urls: ['file:///none']}]")
    let entry = try #require(loader.catalog.prompts("chat"))
    #expect(entry.isTrace && loader.prompts()[0].availability == .network)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/mirror/traces", withIntermediateDirectories: true)
    let path = try folder.file("mirror/traces/c.csv", "ContextTokens,GeneratedTokens\n1,2\n")
    #expect(loader.prompts()[0].availability == .mirror && loader.prompts()[0].path == path)
    #expect(try loader.library.path(of: entry) == path)
  }

  @Test(arguments: [
    ("name: x, requests: 1, files: []", "'x' needs one file, not 0"),
    ("name: x, requests: 1, files: [{name: a.md}]", "prompts in a .jsonl or .txt file"),
    ("name: x, files: [{name: a.txt}]", "requests"),
    ("name: x, requests: 1, files: [{name: a.txt}], format: b", "format"),
  ])
  func aWrongEntryIsRefused(entry: String, reason: String) {
    let error = #expect(throws: DataError.self) { try catalog(entry) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  /// Figures of the real files, reckoned with Python's csv module.
  @Test(.enabled(if: Environment.mirror != nil, "RAGMETER_MIRROR is unset")) func theRealPromptsAreWhole() throws {
    let loader = DatasetLoader(
      catalog: try .standard(),
      library: DatasetLibrary(cache: "\(folder.path)/cache", mirror: Environment.mirror))
    let trace = try LengthTrace(path: loader.library.path(of: #require(loader.catalog.prompts("azure-llm-conv"))))
    #expect(trace.rows.count == 19_366)
    #expect(trace.rows.map(\.promptTokens).reduce(0, +) == 22_361_870)
    #expect(trace.rows.map(\.outputTokens).max() == 1000)
    let questions = try PromptFile(path: loader.library.path(of: #require(loader.catalog.prompts("mt-bench"))))
    #expect(questions.prompts.count == 80)
    #expect(questions.prompts[0].text.hasPrefix("Compose an engaging travel blog post"))
    for entry in loader.prompts() {
      #expect(entry.availability == .mirror, "\(entry.name)")
    }
  }
}
