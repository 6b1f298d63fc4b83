import GenerationClient
import JSON
import TestFixtures
import Testing

@Suite struct CompletionChunkTests {
  static func read(_ text: String, keepsText: Bool = true) throws -> CompletionChunk {
    var chunk = CompletionChunk()
    try Array(text.utf8).withUnsafeBytes { try chunk.read($0, keepsText: keepsText) }
    return chunk
  }

  /// vLLM 0.32.0's, with `return_token_ids` and `continuous_usage_stats`.
  static let completion = """
    {"id":"cmpl-9902d6edcca2c9fc","object":"text_completion","created":1795147401,"model":"smollm2","choices":[{"index":1,\
    "text":" Paris","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,"token_ids":[7042,30]}],\
    "usage":{"prompt_tokens":5,"total_tokens":6,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}
    """

  @Test func readsACompletion() throws {
    let chunk = try Self.read(Self.completion)
    #expect(chunk.choices.count == 1)
    let choice = try #require(chunk.choices.first)
    #expect(choice.index == 1 && choice.hasText && choice.text == " Paris")
    #expect(choice.tokenCount == 2 && choice.tokenIDs == [7042, 30] && choice.finishReason == nil)
    #expect(chunk.usage == .init(promptTokens: 5, completionTokens: 2, cachedTokens: 4))
    let light = try Self.read(Self.completion, keepsText: false)
    #expect(light.choices[0].hasText && light.choices[0].text.isEmpty && light.choices[0].tokenIDs.isEmpty)
    #expect(light.choices[0].tokenCount == 2)
  }

  @Test func tellsARoleFromText() throws {
    func hasText(_ delta: String) throws -> Bool {
      try Self.read(#"{"choices":[{"index":0,"delta":\#(delta)}]}"#).choices[0].hasText
    }
    #expect(try !hasText(#"{"role":"assistant","content":""}"#))
    #expect(try !hasText(#"{"role":"assistant","content":null,"tool_calls":[]}"#))
    #expect(try !hasText("{}"))
    #expect(try !hasText("null"))
    #expect(try hasText(#"{"content":"a"}"#))
    #expect(try hasText(#"{"reasoning_content":"a","content":null}"#))
    #expect(try hasText(#"{"reasoning":"a"}"#))
    #expect(try hasText(#"{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}"#))
  }

  @Test func readsEscapesInTextsAndNames() throws {
    let chunk = try Self.read(
      #"{"ch\u006fices":[{"te\u0078t":"\u00e9\n\ud83d\ude00\ud800 \"","finish\u005freason":"stop","x":{"choices":1}}]}"#
    )
    #expect(chunk.choices[0].text == "é\n\u{1F600}\u{FFFD} \"" && chunk.choices[0].finishReason == "stop")
  }

  @Test func readsErrors() throws {
    #expect(try Self.read(#"{"error":{"message":"no","type":"x","code":400}}"#).error == "no")
    #expect(try Self.read(#"{"error":"overloaded","error_type":"overloaded"}"#).error == "overloaded")
    #expect(try Self.read(#"{"error":{"code":7}}"#).error == "an error without a message")
    #expect(try Self.read(#"{"error":null,"choices":[]}"#).error == nil)
  }

  @Test(arguments: [
    "", "[]", "null", "{", "{}x", #"{"choices":{}}"#, #"{"choices":[1]}"#, #"{"choices":[{"text":1}]}"#,
    #"{"choices":[{}],}"#,
    #"{"choices":[{"index":"0"}]}"#, #"{"usage":3}"#, #"{"a":01}"#, "{\"a\":\"\u{1}\"}", #"{"a":"\x"}"#, #"{"a":tru}"#,
    #"{"a" 1}"#, #"{a:1}"#, #"{"choices":[{"token_ids":["1"]}]}"#, #"{"a":"#,
  ])
  func refusesWhatIsNoChunk(text: String) {
    #expect(throws: JSONError.self) { try Self.read(text) }
  }

  /// Whatever is done to a chunk, both readers call the same bytes JSON, and read the same text from them.
  @Test func agreesWithTheOtherReaderOnDamagedChunks() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    for _ in 0..<Fuzz.rounds(10_000) {
      var bytes = Array(Self.completion.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) { random.damage(&bytes) }
      var chunk = CompletionChunk()
      let isRead = bytes.withUnsafeBytes { bytes in (try? chunk.read(bytes, keepsText: true)) != nil }
      let value: JSONValue?
      do { value = try bytes.withUnsafeBytes { try JSONValue.parse($0) } } catch {
        // The light reader takes a name that comes twice, and looks at no number that nobody wants.
        if !"\(error)".contains("two members"), !"\(error)".contains("too large") {
          #expect(!isRead, "seed \(seed): \(error)")
        }
        continue
      }
      guard isRead else { continue }
      let text = value?["choices"]?.array?.first?["text"]?.string ?? ""
      #expect(chunk.choices.first?.text ?? "" == text, "seed \(seed)")
    }
  }
}
