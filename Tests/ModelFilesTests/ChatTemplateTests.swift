import Foundation
import JSON
import ModelFiles
import TestFixtures
import Testing

@Suite struct ChatTemplateTests {
  private struct Case: Decodable {
    struct Message: Decodable {
      var role: String
      var content: String
    }

    var name: String
    var template: String
    var messages: [Message]
    var addGenerationPrompt: Bool
    var text: String?
    var error: String?
  }

  private static func cases() throws -> [Case] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/chat-templates.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Case].self, from: Data(contentsOf: path))
  }

  private func template(_ source: String?, tokens: [String] = []) -> ChatTemplate? {
    ChatTemplate(source, path: "model", specialTokens: tokens, beginning: "<s>", end: "</s>")
  }

  private func refusal(_ source: String, _ messages: [ChatMessage] = []) -> String {
    failure { _ = try template(source)?.render(messages, addGenerationPrompt: true) } ?? "rendered"
  }

  /// Against Jinja2 as transformers sets it up.
  @Test func templatesEqualJinjas() throws {
    let cases = try Self.cases()
    #expect(cases.count > 150)
    for item in cases {
      let messages = item.messages.map { ChatMessage(role: $0.role, content: $0.content) }
      do {
        let text = try #require(template(item.template)).render(
          messages, addGenerationPrompt: item.addGenerationPrompt)
        #expect(text == item.text, "\(item.name): \(item.template)")
      } catch {
        #expect(item.error != nil, "\(item.name): \(error): \(item.template)")
        #expect("\(error)".contains(item.error ?? ""))
      }
    }
  }

  @Test func whereThereIsNoTemplateTheVocabularyTells() throws {
    let talk = [ChatMessage(role: "system", content: "S"), ChatMessage(role: "user", content: " hi ")]
    let chatML = try #require(template(nil, tokens: ["<|im_end|>", "<|im_start|>"]))
    #expect(
      try chatML.render(talk, addGenerationPrompt: true)
        == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n hi <|im_end|>\n<|im_start|>assistant\n")
    let llama3 = try #require(template(nil, tokens: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]))
    #expect(
      try llama3.render(talk, addGenerationPrompt: false)
        == "<s><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>"
    )
    #expect(template(nil, tokens: ["<s>"]) == nil)
  }

  @Test(arguments: [
    ("a\n{% macro x() %}{% endmacro %}", "line 2: the statement 'macro' is not done here"),
    ("{% if true %}", "the template ends before elif or else or endif"), ("{{ 1 + }}", "a value is missing"),
    ("{{ 'a }}", "a text has no end"), ("{{ a", "a tag has no end"),
    ("{{ a b }}", "'b' stands where the tag should end"),
    ("{{ messages | tojson }}", "the filter 'tojson' is not done here with a list"),
    ("{{ messages }}", "a list cannot be written as text"), ("{{ x.y }}", "'y' was asked of what is not defined"),
    ("{{ 1 // 0 }}", "'//' divides by 0"), ("{{ 9223372036854775807 + 1 }}", "a number is too large"),
    ("{{ 99999999999999999999 }}", "is too large"), ("{{ range(100000000000) }}", "computes without end"),
    ("{{ range(-9223372036854775807, 9223372036854775807) }}", "computes without end"),
    ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "computes without end"),
    ("{{ raise_exception('no system') }}", "the template refuses the conversation: no system"),
    ("{{ bos_token.format(1) }}", "takes texts, not a number"), ("{{ '\\q' }}", "the escape with byte 113"),
  ])
  func whatIsNotDoneIsRefusedByLineAndWord(source: String, sentence: String) {
    let found = refusal(source)
    #expect(found.contains("model: chat template, line ") && found.contains(sentence), "\(found)")
  }

  /// Neither depth nor doubling brings the interpreter down.
  @Test func absurdTemplatesAreRefused() {
    let deep = [
      String(repeating: "(", count: 100_000) + "1", String(repeating: "not ", count: 100_000) + "1",
      "1" + String(repeating: " + 1", count: 100_000), "1" + String(repeating: ".a", count: 100_000),
      String(repeating: "[", count: 100_000), String(repeating: "-", count: 100_000) + "1",
      "1" + String(repeating: " if 1 else 1", count: 100_000), "1" + String(repeating: "|trim", count: 100_000),
    ]
    for source in deep { #expect(refusal("{{ \(source) }}").contains("nested deeper"), "\(source.prefix(20))") }
    #expect(refusal(String(repeating: "{% if 1 %}", count: 100_000)).contains("nested deeper"))
    let doubling = "{% set a = 'xxxxxxxx' %}" + String(repeating: "{% set a = a ~ a %}", count: 60)
    #expect(refusal(doubling).contains("writes without end"))
  }

  /// Damaged templates are rendered or refused, whatever was done to them.
  @Test func damagedTemplatesAreNoDanger() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let sources = try Self.cases().map(\.template)
    let talk = [ChatMessage(role: "system", content: "S"), ChatMessage(role: "user", content: "hi")]
    for round in 0..<Fuzz.rounds(3_000) {
      var bytes = Array(sources[Int.random(in: 0..<sources.count, using: &random)].utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) { random.damage(&bytes) }
      let source = String(decoding: bytes, as: UTF8.self)
      do { _ = try template(source)?.render(talk, addGenerationPrompt: true) } catch {
        #expect(error is ModelFileError, "seed \(seed), round \(round): \(error)")
      }
    }
  }
}
