import Foundation
import TestFixtures
import Testing

/// `ragmeter insert` and `ragmeter search`, asked as a script asks them.
@Suite struct StoreVerbTests {
  private let folder = TemporaryFolder()

  private func run(_ words: String..., input: String = "") throws -> Program.Answer {
    try Program.run(words, folder: folder.path, input: Array(input.utf8))
  }

  @Test(arguments: ["insert", "search", "ask"]) func help(verb: String) throws {
    try expectSnapshot(try Program.run(["help", verb]).output, "help-\(verb).txt")
  }

  @Test func documentsAreFoundByTheirWords() throws {
    _ = try folder.file(
      "docs/cats.md", "# Cats\n\nA cat sleeps on the warm mat.\n\n# Dogs\n\nA dog barks at the postman.\n")
    _ = try folder.file("docs/more/fish.txt", "A fish swims in the cold sea.")
    let inserted = try run(
      "insert", "--store", "a.store", "--collection", "pets", "--embedder", "hashing:dimension=256", "--chunker",
      "markdown",
      "--index", "hnsw:m=8", "docs")
    #expect(inserted.status == 0, "\(inserted.errors)")
    #expect(inserted.output.contains("\"documents\":2,"))
    #expect(inserted.output.contains("\"texts\":3,\"truncated\":0"))
    let found = try run(
      "search", "--store", "a.store", "--collection", "pets", "--limit", "1", "--output-fields", "document,text",
      "a dog barks", "fish in the sea")
    #expect(found.status == 0, "\(found.errors)")
    let lines = found.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("{\"id\":1,\"hits\":[{\"id\":\"cats.md#1\",\"distance\":0."))
    #expect(lines[0].contains("\"document\":\"cats.md\",\"text\":\"# Dogs"))
    #expect(lines[1].contains("\"id\":\"more/fish.txt#0\""))
    let filtered = try run(
      "search", "--store", "a.store", "--collection", "pets", "--filter", "document like 'more/%'", "a dog barks")
    #expect(filtered.output.contains("fish") && !filtered.output.contains("cats"))
    let other = try run(
      "search", "--store", "a.store", "--collection", "pets", "--embedder", "hashing", "--limit", "1", "a dog")
    #expect(other.status == 64 && other.errors.contains("of dimension 384, and collection 'pets' has 256"))
    let same = try run(
      "search", "--store", "a.store", "--collection", "pets", "--embedder", "hashing:dimension=0256", "a dog")
    #expect(same.status == 0)
    #expect(
      same.errors.contains(
        "collection 'pets' was filled with hashing:dimension=256, and hashing:dimension=0256 is to embed now"))

    let again = try run("insert", "--store", "a.store", "--collection", "pets", "--chunker", "markdown", "docs")
    #expect(again.status == 1 && again.errors.contains("which is already taken"))
    let replaced = try run(
      "insert", "--store", "a.store", "--collection", "pets", "--upsert", "--chunker", "markdown", "docs")
    #expect(replaced.output.contains("\"replaced\":3,\"rows\":3"), "\(replaced.errors)")
  }

  @Test func rowsAreAcknowledgedAndQuestionsAnsweredByTheLine() throws {
    let rows = (1...5).map { "{\"id\":\($0),\"vector\":[\($0),0],\"odd\":\($0 % 2 == 1)}\n" }.joined()
    let inserted = try run(
      "insert", "--store", "b.store", "--collection", "v", "--index", "flat", "--metric", "l2", "--batch", "2",
      "--jsonl",
      input: rows)
    #expect(inserted.output.hasPrefix("{\"rows\":2}\n{\"rows\":4}\n{\"rows\":5}\n{\"collection\":\"v\""))
    let found = try run(
      "search", "--store", "b.store", "--collection", "v", "--limit", "2", "--filter", "odd", "--output-fields", "*",
      "--jsonl",
      input: "{\"id\":\"q\",\"vector\":[4.5,0]}\nnonsense\n{\"id\":2,\"vector\":[1,2,3]}\n{\"vector\":[0,0]}\n")
    #expect(
      found.output == """
        {"id":"q","hits":[{"id":5,"distance":0.25,"odd":true},{"id":3,"distance":2.25,"odd":true}]}
        {"id":4,"hits":[{"id":1,"distance":1.0,"odd":true},{"id":3,"distance":9.0,"odd":true}]}

        """)
    #expect(found.status == 1)
    #expect(found.errors.contains("standard input: line 2: ") && found.errors.contains("line 3: 3 values are no whole"))
  }

  @Test func mistakesAreSentences() throws {
    let rows = "{\"id\":1,\"vector\":[1,0]}\n"
    let insert = ["insert", "--store", "c.store", "--collection", "v", "--jsonl"]
    func failure(_ words: [String], _ input: String = "") throws -> (Int32, String) {
      let answer = try Program.run(words, folder: folder.path, input: Array(input.utf8))
      return (answer.status, answer.errors)
    }
    #expect(try failure(["insert", "--collection", "c", "x"]).1.contains("insert: needs --store SPEC"))
    #expect(try failure(["insert", "--store", "c.store", "--collection", "v"]).1.contains("needs either documents"))
    #expect(try failure(insert + ["--index", "flatt"], rows).1.contains("did you mean flat?"))
    #expect(try failure(insert + ["--metric", "l3"], rows).1.contains("--metric is L2, IP or COSINE, not 'l3'"))
    #expect(try failure(insert, "{\"id\":1,\"text\":\"a\"}\n").1.contains("has a text and no vector; name an embedder"))
    #expect(try failure(insert, rows).0 == 0)
    #expect(
      try failure(insert, "{\"id\":2,\"vector\":[1,0,0]}\n").1.contains(
        "has a vector of dimension 3, and the collection 2"))
    #expect(try failure(insert + ["--index", "hnsw"], rows).1.contains("--index is for a new collection"))
    let search = ["search", "--store", "c.store", "--collection", "v"]
    #expect(try failure(search + ["question"]).1.contains("does not say which embedder"))
    #expect(
      try failure(search + ["--embedder", "hashing:dimension=8", "q"]).1.contains(
        "gives vectors of dimension 8, and collection 'v' has 2"))
    #expect(try failure(search + ["--jsonl", "--filter", "a ="], "{\"vector\":[1,0]}").1.contains("column 3"))
    #expect(
      try failure(["search", "--store", "c.store", "--collection", "w", "q"]).1.contains(
        "no collection is called 'w'; there are v"))
    #expect(
      try failure(["search", "--store", "none.store", "--collection", "w", "q"]).1.contains("there is no such file"))
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/none.store"))
  }
}
