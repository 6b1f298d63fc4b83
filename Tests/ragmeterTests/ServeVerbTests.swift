import Foundation
import TestFixtures
import Testing

/// `ragmeter serve` as a shell starts and stops it.
@Suite struct ServeVerbTests {
  @Test func help() throws {
    let answer = try Program.run(["help", "serve"])
    #expect(answer.status == 0)
    try expectSnapshot(answer.output, "help-serve.txt")
  }

  @Test(arguments: [
    (["extra"], "serve: takes no operand such as 'extra'"),
    (["--port", "70000"], "--port needs an integer from 0 to 65535"),
    (["--api-key", "sk-secret"], "unknown option --api-key; known options:"),
    (["--api-key-env", "RAGMETER_NO_SUCH_KEY"], "the environment has no RAGMETER_NO_SUCH_KEY"),
    (["--embedder", "minilm:precision"], "--embedder: "),
    (["--kv-policy", "magic"], "--kv-policy is static, continuous or paged"),
  ])
  func wrongUsage(words: [String], sentence: String) throws {
    let answer = try Program.run(["serve"] + words)
    #expect(answer.status == 64 && answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!answer.errors.contains("sk-secret"))
  }
}
