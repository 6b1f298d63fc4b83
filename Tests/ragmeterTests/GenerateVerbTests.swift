import Foundation
import TestFixtures
import Testing

/// `generate` as a user asks it; with the real weights where they have been fetched.
@Suite struct GenerateVerbTests {
  private static let isModelHere: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["RAGMETER_MODELS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/models"
    return FileManager.default.fileExists(atPath: "\(cache)/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf")
  }()
  private static let skipped: Comment = "needs smollm2-135m in the cache; 'ragmeter model fetch smollm2-135m' brings it"

  private struct Line: Decodable, Equatable {
    var id: String?
    var index: Int
    var text: String
    var tokenIds: [Int]
    var finishReason: String
  }

  private func lines(_ words: [String], input: String = "") throws -> (lines: [Line], answer: Program.Answer) {
    let answer = try Program.run(["generate"] + words, input: Array(input.utf8))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let lines = try answer.output.split(separator: "\n").map {
      try decoder.decode(Line.self, from: Data($0.utf8))
    }
    return (lines, answer)
  }

  @Test func help() throws {
    try expectSnapshot(try Program.run(["help", "generate"]).output, "help-generate.txt")
  }

  @Test(arguments: [
    (["generate"], "needs one prompt: --prompt TEXT, a text, a file or '-'"),
    (["generate", "a", "b"], "needs one prompt"),
    (["generate", "--prompt", "a", "b"], "needs one prompt"),
    (["generate", "--jsonl", "a"], "--jsonl reads standard input; leave out 'a' or --jsonl"),
    (["generate", "--jsonl", "--prompt", "a"], "leave out --prompt or --jsonl"),
    (["generate", "--system", "s", "a"], "--system goes with --chat"),
    (["generate", "--n", "0", "a"], "n must be 1 or more, not 0"),
    (["generate", "--n", "3", "--temperature", "0", "a"], "3 outputs with temperature 0 would all be the same"),
    (["generate", "--best-of", "2", "--n", "3", "a"], "best_of must be n (3) or more, not 2"),
    (["generate", "--temperature", "-1", "a"], "temperature must be 0 or more, not -1.0"),
    (["generate", "--temperature", "warm", "a"], "--temperature needs a number, not 'warm'"),
    (["generate", "--top-p", "0", "a"], "top_p must be more than 0 and at most 1, not 0.0"),
    (["generate", "--min-tokens", "9", "--max-tokens", "8", "a"], "min_tokens must be from 0 to max_tokens, not 9"),
    (["generate", "--logit-bias", "5:1", "a"], "--logit-bias is ID=BIAS, not '5:1'"),
    (["generate", "--stop", "", "a"], "a stop string must hold a character at least"),
    (["generate", "--logprobs", "21", "a"], "logprobs must be from 0 to 20, not 21"),
    (["generate", "--kv-policy", "orca", "a"], "--kv-policy is static, continuous or paged, not 'orca'"),
    (["generate", "--kv-memory", "lots", "a"], "--kv-memory: 'lots' is no size of memory such as 64MiB or 2GB"),
    (["generate", "--tempreature", "1", "a"], "did you mean --temperature?"),
  ])
  func wrongWordsAreRefused(words: [String], sentence: String) throws {
    let answer = try Program.run(words)
    #expect(answer.status == 64 && answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }

  @Test(.enabled(if: isModelHere, skipped)) func linesAreAnsweredInTheirOrder() throws {
    let input = """
      {"id": "a", "prompt": "The capital of France is"}
      {"id": "b", "prompt": "\(String(repeating: "word ", count: 9000))"}

      {"id": "c", "messages": [{"role": "user", "content": "Say hello."}]}
      no json
      {"prompt": "One, two, three,"}
      """
    let words = ["--temperature", "0", "--max-tokens", "8", "--jsonl"]
    let (lines, answer) = try lines(words, input: input)
    #expect(lines.map(\.id) == ["a", "c", nil] && answer.status == 1)
    #expect(lines.allSatisfy { $0.index == 0 && (1...8).contains($0.tokenIds.count) })
    #expect(lines[0].text.contains("Paris") && lines[2].text.contains("four"), "\(lines)")
    #expect(answer.errors.contains("standard input, line 2: the prompt's"), "\(answer.errors)")
    #expect(answer.errors.contains("standard input: line 5: is no JSON"), "\(answer.errors)")
    #expect(answer.errors.contains("generate: KV blocks of 16 tokens: "), "\(answer.errors)")
    for policy in ["static", "continuous"] {
      #expect(try self.lines(words + ["--kv-policy", policy], input: input).lines == lines)
    }
    #expect(
      try self.lines(words + ["--no-sharing", "--no-prefix-cache", "--block-size", "32"], input: input).lines == lines)
  }

  @Test(.enabled(if: isModelHere, skipped)) func outputsShareTheirPrompt() throws {
    let words = ["--n", "3", "--seed", "5", "--max-tokens", "12", "--chat", "--prompt", "Name a colour and a fruit."]
    let answer = try Program.run(["generate"] + words)
    #expect(answer.status == 0)
    let texts = answer.output.components(separatedBy: "--- output ").dropFirst()
    #expect(texts.count == 3 && Set(texts.map { $0.dropFirst() }).count == 3, "\(answer.output)")
    #expect(answer.errors.contains("shared by several outputs, which saved"), "\(answer.errors)")
    #expect(!answer.errors.contains(" 0 shared by"), "\(answer.errors)")
    let (lines, _) = try lines(words + ["--json", "-"])
    #expect(lines.map(\.index) == [0, 1, 2])
    for line in lines { #expect(answer.output.contains("--- output \(line.index) ---\n\(line.text)\n")) }
    // Output i draws from seed + i, whatever else runs.
    let alone = try self.lines(["--seed", "6"] + words.dropFirst(4) + ["--json", "-"]).lines
    #expect(alone[0].tokenIds == lines[1].tokenIds)
  }

  @Test(.enabled(if: isModelHere, skipped)) func whatTheModelCannotIsOneSentence() throws {
    func sentence(_ words: [String]) throws -> String {
      let answer = try Program.run(["generate"] + words)
      #expect(answer.status == 1 && answer.output.isEmpty)
      return answer.errors
    }
    #expect(try sentence(["--kv-memory", "1kB", "a"]).contains("holds no block of 16 tokens"))
    #expect(try sentence(["--kv-memory", "1MiB", "--max-tokens", "4000", "a"]).contains("KV budget"))
    #expect(try sentence(["--logit-bias", "49152=1", "a"]).contains("the model has tokens 0 to 49151"))
    #expect(try sentence(["--block-size", "5", "a"]).contains("8 tokens or a multiple of 16, not 5"))
    #expect(try sentence(["--max-num-seqs", "2", "--n", "3", "a"]).contains("max_num_seqs"))
  }

  @Test func aFolderThatHoldsNoGeneratorIsNamed() throws {
    let folder = TemporaryFolder()
    _ = try folder.file("models/tiny/vocab.txt", "x\n")
    let answer = try Program.run(["generate", "--model", "\(folder.path)/models/tiny", "a"])
    #expect(answer.status == 1 && answer.errors.contains("models/tiny"), "\(answer.errors)")
  }
}
