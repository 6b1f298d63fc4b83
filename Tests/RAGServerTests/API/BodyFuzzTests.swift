import Generation
import RAGServer
import TestFixtures
import Testing

/// Bodies that are damaged: each is read or refused, and what is read keeps the engine's bounds.
@Suite struct BodyFuzzTests {
  private static let bodies: [(String, GenerationCall.Endpoint)] = [
    (
      """
      {"model":"smollm2","prompt":["a","\\ud83d\\ude00\\n"],"max_tokens":8,"n":2,"temperature":1.0,"seed":1,"stream":true,
       "stream_options":{"include_usage":true},"logit_bias":{"50":-100},"stop":["\\u0041"],"logprobs":2,"top_p":0.95}
      """, .completions
    ),
    (#"{"prompt":[[1,2,3],[99]],"best_of":4,"n":3,"stop_token_ids":[2],"ignore_eos":true}"#, .completions),
    (
      """
      {"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"é"}]}],
       "logprobs":true,"top_logprobs":5,"max_completion_tokens":9,"min_p":0.1,"min_tokens":1,"unknown":{"a":[null]}}
      """, .chat
    ),
  ]

  @Test func damagedBodiesAreReadOrRefused() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let model = ServedModel.scripted()
    var read = 0
    for round in 0..<Fuzz.rounds(10_000) {
      let (text, endpoint) = Self.bodies[round % Self.bodies.count]
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) { random.damage(&bytes) }
      do {
        let call = try GenerationCall(bytes, endpoint, model: model)
        read += 1
        #expect(!call.prompts.isEmpty, "seed \(seed), round \(round)")
        if let sampling = try? call.sampling(promptTokens: 100, in: model) {
          try sampling.check(vocabularySize: model.vocabularySize)
        }
      } catch let error as APIError {
        #expect((400..<500).contains(error.status), "seed \(seed), round \(round)")
      }
    }
    #expect(read > 0, "seed \(seed)")
  }

  @Test func damagedBodiesOfOtherEndpointsAreReadOrRefused() {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let model = ServedModel.scripted(["a"])
    let embedder = ServedEmbedder(
      name: "smollm2", dimension: 2, maximumTokens: 4, tokenizer: PieceTokenizer(["a"], vocabularySize: 1))
    let text = """
      {"model":"smollm2","input":["a",""],"encoding_format":"base64","prompt":"a","tokens":[1,2],"dimensions":2,
       "add_special_tokens":false,"messages":[{"role":"user","content":"a"}]}
      """
    for round in 0..<Fuzz.rounds(3000) {
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) { random.damage(&bytes) }
      bytes.withUnsafeBytes { bytes in
        for read: () throws -> Void in [
          { _ = try EmbeddingsCall(body: bytes, embedder: embedder) },
          { _ = try TokenizeCall(body: bytes, model: model) }, { _ = try DetokenizeCall(body: bytes, model: model) },
        ] {
          do { try read() } catch {
            let status = (error as? APIError)?.status
            #expect(status.map { (400..<500).contains($0) } == true, "seed \(seed), round \(round): \(error)")
          }
        }
      }
    }
  }
}
