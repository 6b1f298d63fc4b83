import Foundation
import TestFixtures
import Testing

/// `ragmeter ask`, asked as a user asks it; with a real model where it is in the cache.
@Suite struct AskVerbTests {
  private let folder = TemporaryFolder()

  private func run(_ words: String..., input: String = "") throws -> Program.Answer {
    try Program.run(words, folder: folder.path, input: Array(input.utf8))
  }

  private static var hasModel: Bool {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["RAGMETER_MODELS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/models"
    return FileManager.default.fileExists(atPath: "\(cache)/smollm2-135m")
  }

  private func fill(_ collection: String) throws {
    _ = try folder.file("docs/cats.md", "# Cats\n\nA cat sleeps on the warm mat.\n")
    _ = try folder.file("docs/fish.md", "# Fish\n\nA fish swims in the cold sea.\n")
    let filled = try run(
      "insert", "--store", "a.store", "--collection", collection, "--embedder", "hashing:dimension=256", "--chunker",
      "markdown", "docs")
    #expect(filled.status == 0, "\(filled.errors)")
  }

  @Test func mistakesAreSentences() throws {
    let missing = try run("ask", "--store", "none.store", "--collection", "c", "Why?")
    #expect(missing.status == 1 && missing.errors.contains("there is no such file"))
    let alone = try run("ask", "--collection", "c", "Why?")
    #expect(
      alone.status == 64 && alone.errors.contains("--collection goes with --store; without it, the handbook is asked"))
    try fill("pets")
    try fill("others")
    let several = try run("ask", "--store", "a.store", "Why?")
    #expect(several.status == 64 && several.errors.contains("needs --collection NAME; the store has "))
    let other = try run("ask", "--store", "a.store", "--collection", "dogs", "Why?")
    #expect(other.status == 1 && other.errors.contains("no collection is called 'dogs'"))
    let unfit = try run("ask", "--store", "a.store", "--collection", "pets", "--embedder", "hashing", "Why?")
    #expect(unfit.status == 64 && unfit.errors.contains("of dimension 384, and collection 'pets' has 256"))
  }

  @Test(.enabled(if: hasModel, "smollm2-135m is not in the cache of models")) func answersNameTheirSources() throws {
    try fill("pets")
    let answer = try run(
      "ask", "--store", "a.store", "--top-k", "2", "--max-tokens", "12", "Where does the cat sleep?")
    #expect(answer.status == 0, "\(answer.errors)")
    let parts = answer.output.components(separatedBy: "\nsources\n")
    #expect(parts.count == 2 && !parts[0].isEmpty)
    let sources = parts.last?.split(separator: "\n") ?? []
    #expect(sources.count == 2)
    #expect(sources[0].hasPrefix("  [1] 0.") && sources[0].hasSuffix("Cats  docs/cats.md"))
    #expect(answer.errors.contains("ask: embed ") && answer.errors.contains(", first token "))
    #expect(answer.errors.contains(" tokens (") && answer.errors.contains(" of passages"))
  }

  @Test(.enabled(if: hasModel, "smollm2-135m is not in the cache of models")) func linesAreAnsweredInTheirOrder() throws
  {
    try fill("pets")
    let answer = try run(
      "ask", "--store", "a.store", "--top-k", "1", "--max-tokens", "8", "--jsonl",
      input: """
        {"id": "a", "question": "Where does the cat sleep?"}
        nonsense
        {"id": "b", "question": "  "}

        {"id": "c", "question": "Where does the fish swim?"}
        """)
    #expect(answer.status == 1)
    let lines = answer.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains("\"id\":\"a\"") && lines[0].contains("\"document\":\"cats.md\""))
    #expect(lines[1].contains("\"id\":\"c\"") && lines[1].contains("\"document\":\"fish.md\""))
    #expect(answer.errors.contains("line 2: ") && answer.errors.contains("line 3: the question is empty"))
  }
}
