import Generation
import JSON
import RAGServer
import Testing

/// Refusals, beside those of vLLM 0.32 to the same requests.
@Suite(.enabled(if: Transcript.isPresent, "skipped: RAGMETER_REFERENCE is not set"))
struct VLLMErrorTests {
  private func expectSame(_ error: APIError?, _ transcript: Transcript) throws {
    let theirs = try #require(try transcript.json()["error"])
    let ours = try #require(error, "\(transcript.name) is accepted, and vLLM refuses it: \(transcript.body)")
    #expect(ours.status == transcript.status, "\(transcript.name)")
    #expect(ours.type == theirs["type"]?.string, "\(transcript.name)")
    #expect(ours.parameter == theirs["param"]?.string, "\(transcript.name)")
    let body = try #require(try JSONValue.parse(String(decoding: ours.body, as: UTF8.self))["error"])
    #expect(body.keys == theirs.keys)
    #expect(body["code"] == theirs["code"])
  }

  @Test(arguments: [
    "40_err_badmodel", "43b_err_zeromax", "44_err_malformed", "45_err_n_big", "45c_err_n20000", "46_err_temp",
    "47_err_topp", "49_err_missing_prompt", "50_err_empty_prompt", "53_err_type", "54_err_bad_token",
    "57_err_streamopts_nostream", "62_chat_bad_role", "63_chat_top_logprobs_no_logprobs",
  ])
  func bodiesAreRefusedAsByVLLM(name: String) throws {
    let transcript = try Transcript(name)
    let body = try #require(transcript.request)
    var refusal: APIError?
    do { _ = try GenerationCall(body, transcript.endpoint) } catch { refusal = error }
    try expectSame(refusal, transcript)
  }

  @Test func aFullPromptLeavesNoToken() throws {
    let call = try GenerationCall(#"{"prompt":"x","max_tokens":1}"#)
    var refusal: APIError?
    do { _ = try call.sampling(promptTokens: 2048, in: .scripted()) } catch { refusal = error }
    try expectSame(refusal, Transcript("42b_err_2048_1"))
  }

  @Test(arguments: [("42_err_prompt_plus_max", 64), ("42c_2047_1", 1)])
  func lengthsAreCutAsByVLLM(name: String, maxTokens: Int) throws {
    let usage = try #require(try Transcript(name).json()["usage"])
    let prompt = try #require(usage["prompt_tokens"]?.integer)
    let call = try GenerationCall(#"{"prompt":"x","max_tokens":\#(maxTokens)}"#)
    #expect(
      try call.sampling(promptTokens: prompt, in: .scripted()).maxTokens == usage["completion_tokens"]?.integer)
  }

  @Test func otherContentTypesAreRefused() throws {
    var refusal: APIError?
    do { try APIError.checkContentType("text/plain") } catch { refusal = error }
    try expectSame(refusal, Transcript("58_err_no_ctype"))
    try APIError.checkContentType("application/json")
    try APIError.checkContentType("Application/JSON ; charset=utf-8")
    #expect(throws: APIError.self) { try APIError.checkContentType(nil) }
  }
}
