import Foundation
import TestFixtures
import Testing

/// `model`, `tokenize` and `embed` as a user asks them, without weights.
@Suite struct ModelVerbTests {
  private let folder = TemporaryFolder()

  /// A cache with a model of a few words.
  private func environment() throws -> [String: String] {
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "data", "##base", "store"]
    _ = try folder.file("models/tiny/vocab.txt", pieces.joined(separator: "\n") + "\n")
    return ["RAGMETER_MODELS": "\(folder.path)/models"]
  }

  @Test(arguments: ["model", "tokenize", "embed"]) func helpOfVerbs(verb: String) throws {
    try expectSnapshot(try Program.run(["help", verb]).output, "help-\(verb).txt")
  }

  @Test func listNamesTheCatalogue() throws {
    let answer = try Program.run(["model", "list"], environment: environment())
    #expect(answer.status == 0 && answer.errors.isEmpty)
    try expectSnapshot(answer.output, "model-list.txt")
  }

  @Test func tokenizeAnswersLinesInTheirOrder() throws {
    let input =
      #"{"id": "a", "text": "Database store"}"# + "\n\nno json\n" + #"{"id": 7, "text": "x"}"# + "\n" + #"{"text": ""}"#
    let answer = try Program.run(
      ["tokenize", "--model", "tiny", "--jsonl"], environment: environment(), input: Array(input.utf8))
    #expect(
      answer.output == #"{"id":"a","ids":[2,5,6,7,3]}"# + "\n" + #"{"id":7,"ids":[2,1,3]}"# + "\n" + #"{"ids":[2,3]}"#
        + "\n")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("tokenize: standard input: line 3: is no JSON"), "\(answer.errors)")
    let plain = try Program.run(["tokenize", "--model", "tiny", "--no-special", "store"], environment: environment())
    #expect(plain.output == "{\"id\":1,\"ids\":[7]}\n" && plain.status == 0)
  }

  @Test func embedAnswersLinesInTheirOrder() throws {
    let texts = (0..<3000).map { "{\"id\": \($0), \"text\": \"store number \($0)\"}\n" }.joined()
    let answer = try Program.run(
      ["embed", "--model", "hashing:dimension=4", "--jsonl"], environment: environment(), input: Array(texts.utf8))
    let lines = answer.output.split(separator: "\n")
    #expect(answer.status == 0 && lines.count == 3000)
    #expect(lines.enumerated().allSatisfy { $1.hasPrefix("{\"id\":\($0),\"embedding\":[") })
    #expect(lines[0].hasSuffix("],\"tokens\":3,\"truncated\":false}"))
    let file = "\(folder.path)/out.jsonl"
    _ = try Program.run(
      ["embed", "--model", "hashing:dimension=4", "--json", file, "store number 0"], environment: environment())
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains(lines[0].dropFirst("{\"id\":0".count)))
  }

  @Test(arguments: [
    (["embed", "--model", "minilmm", "x"], Int32(1), "no embedder is called 'minilmm'"),
    (["embed", "--model", "hashing", "--precision", "fast", "x"], 1, "'hashing' has no parameter precision"),
    (["embed", "--model", "hashing", "--role", "title", "x"], 64, "--role is document or query, not 'title'"),
    (["embed", "--model", "hashing"], 64, "needs a text, a file or '-', or --jsonl"),
    (["embed", "--model", "hashing", "--jsonl", "x"], 64, "--jsonl reads standard input"),
    (["embed", "--model", ":"], 64, "--model: "),
    (["tokenize", "--model", "tinny", "x"], 1, "is no model of the catalogue"),
    (["model", "fetch", "minlm"], 64, "no model is called 'minlm'; did you mean 'minilm'?"),
    (["model", "fetch", "a", "--from", "/x", "--repository", "a/b"], 64, "there is one source"),
    (["model", "fetch", "a", "--from", "/x", "--file", "../y"], 64, "--file stays within the model's folder"),
    (["model", "info", "minilm"], 1, "'ragmeter model fetch minilm' brings it"),
    (["model", "show"], 64, "it knows list, fetch and info, not 'show'"),
  ])
  func wrongWordsAreRefused(words: [String], status: Int32, sentence: String) throws {
    let answer = try Program.run(words, environment: environment())
    #expect(answer.status == status && answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }
}
