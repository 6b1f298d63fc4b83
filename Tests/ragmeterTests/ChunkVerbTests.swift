import Foundation
import TestFixtures
import Testing

/// `ragmeter chunk`, asked as a script asks it.
@Suite struct ChunkVerbTests {
  @Test func helpShowsEveryOption() throws {
    try expectSnapshot(try Program.run(["help", "chunk"]).output, "help-chunk.txt")
  }

  @Test func jsonLinesAreAnsweredInOrder() throws {
    let answer = try Program.run(
      ["chunk", "--chunker", "recursive", "--size", "11", "--overlap", "0", "--jsonl"],
      input: Array("{\"id\": \"a\", \"text\": \"one two three four\"}\n\n{\"id\": 2, \"text\": \"five\"}".utf8))
    #expect(answer.status == 0)
    #expect(answer.errors.isEmpty)
    #expect(
      answer.output == """
        {"end":7,"id":"a","index":0,"start":0,"text":"one two"}
        {"end":18,"id":"a","index":1,"start":8,"text":"three four"}
        {"end":4,"id":2,"index":0,"start":0,"text":"five"}

        """)
  }

  @Test func brokenLinesAreNamedAndTheRestGoOn() throws {
    let answer = try Program.run(
      ["chunk", "--chunker", "whole", "--jsonl"], input: Array("nonsense\n{\"text\": \"x\"}\n{\"id\": 1}\n".utf8))
    #expect(answer.status == 1)
    #expect(answer.output == "{\"end\":1,\"index\":0,\"start\":0,\"text\":\"x\"}\n")
    #expect(answer.errors.contains("ragmeter: chunk: standard input: line 1: is no JSON\n"))
    #expect(answer.errors.contains("line 3: the field 'text' is missing"))
  }

  /// The answer to a line comes while the next one has not been written.
  @Test func aLineIsAnsweredBeforeTheNextIsRead() throws {
    let process = Process()
    process.executableURL = try Program.executable()
    process.arguments = ["chunk", "--chunker", "sentence", "--jsonl"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    for number in 1...3 {
      input.fileHandleForWriting.write(Data("{\"id\": \(number), \"text\": \"Said \(number).\"}\n".utf8))
      let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      #expect(answer == "{\"end\":7,\"id\":\(number),\"index\":0,\"start\":0,\"text\":\"Said \(number).\"}\n")
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func filesFoldersAndStandardInputAreTexts() throws {
    let folder = TemporaryFolder()
    let page = try folder.file("docs/a.html", "<title>T</title><nav>skip</nav><p>seen")
    _ = try folder.file("docs/b.md", "# B\n\nx")
    _ = try folder.file("docs/c.bin", [0, 1, 2])
    let one = try Program.run(["chunk", page, "--chunker", "whole"])
    #expect(one.output == "{\"end\":4,\"id\":\"a.html\",\"index\":0,\"start\":0,\"text\":\"seen\"}\n")
    let all = try Program.run(["chunk", "\(folder.path)/docs", "--chunker", "markdown"])
    #expect(all.status == 0)
    #expect(all.output.split(separator: "\n").count == 2)
    #expect(all.output.contains("{\"end\":6,\"id\":\"b.md\",\"index\":0,\"metadata\":{\"headings\":\"B\"},\"start\":0"))
    #expect(all.errors == "ragmeter: chunk: left out 1 binary file: c.bin\n")
    let piped = try Program.run(
      ["chunk", "-", "--chunker", "separator", "--separator", "# "], input: Array("a# b".utf8))
    #expect(
      piped.output == """
        {"end":1,"id":"-","index":0,"start":0,"text":"a"}
        {"end":4,"id":"-","index":1,"start":3,"text":"b"}

        """)
    let several = try Program.run(["chunk", page, "\(folder.path)/docs", "--chunker", "whole", "--glob", "*.md"])
    #expect(
      several.output.contains("\"id\":\"\(page)\"") && several.output.contains("\"id\":\"\(folder.path)/docs/b.md\""))
  }

  @Test(arguments: [
    (["chunk"], "chunk: needs a file, a folder, a URL or '-', or --jsonl", 64),
    (["chunk", "--jsonl", "a.txt"], "chunk: --jsonl reads standard input; leave out 'a.txt' or --jsonl", 64),
    (["chunk", "--jsonl", "--chunker", "recursiv"], "did you mean 'recursive'?", 64),
    (
      ["chunk", "--jsonl", "--size", "10", "--overlap", "10"], "overlap is 10 with size 10; it must be from 0 to 9", 64
    ),
    (["chunk", "--jsonl", "--separator", "x"], "chunker recursive has no parameter 'separator'", 64),
    (["chunk", "--jsonl", "--chunker", "recursive:size=5", "--size", "6"], "--size is given in --chunker too", 64),
    (["chunk", "a", "--format", "foldr"], "did you mean 'folder'?", 64),
    (["chunk", "missing.txt"], "missing.txt: cannot be opened: No such file or directory", 1),
  ])
  func mistakesSayWhatWasWrong(words: [String], sentence: String, status: Int32) throws {
    let answer = try Program.run(words)
    #expect(answer.status == status)
    #expect(answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }
}
