import Generation
import ModelFiles
import RAGServer
import Testing

/// What bodies mean, and which are refused.
@Suite struct GenerationCallTests {
  private func refusal(
    _ body: String, _ endpoint: GenerationCall.Endpoint = .completions
  ) -> APIError? {
    do { _ = try GenerationCall(body, endpoint) } catch { return error }
    return nil
  }

  @Test func promptsComeInFourForms() throws {
    #expect(try GenerationCall(#"{"prompt":"a"}"#).prompts == [.text("a")])
    #expect(try GenerationCall(#"{"prompt":["a","b"]}"#).prompts == [.text("a"), .text("b")])
    #expect(try GenerationCall(#"{"prompt":[1,2]}"#).prompts == [.tokens([1, 2])])
    #expect(try GenerationCall(#"{"prompt":[[1],[2,3]]}"#).prompts == [.tokens([1]), .tokens([2, 3])])
  }

  @Test func textsWithoutSpecialTokensAreIDs() throws {
    let call = try GenerationCall(
      #"{"prompt":["ab","b"],"add_special_tokens":false}"#, model: .scripted(["a", "b"]))
    #expect(call.prompts == [.tokens([0, 1]), .tokens([1])])
  }

  @Test func messagesComeAsTextAndInParts() throws {
    let call = try GenerationCall(
      """
      {"messages":[{"role":"developer","content":"s"},{"role":"user","name":"x","content":[{"type":"text","text":"a"},
       {"type":"text","text":"b"}]},{"role":"assistant","content":null},{"role":"user","content":""}]}
      """, .chat)
    let messages = [("system", "s"), ("user", "a\nb"), ("assistant", ""), ("user", "")]
    #expect(call.prompts == [.messages(messages.map { ChatMessage(role: $0.0, content: $0.1) })])
  }

  @Test func absentAndNullFieldsHaveVLLMsDefaults() throws {
    let completion = try GenerationCall(#"{"prompt":"a","n":null,"stop":null,"max_tokens":null,"temperature":null}"#)
    var sampling = SamplingParameters()
    sampling.maxTokens = 16
    #expect(completion.sampling == sampling)
    #expect(!completion.streams && !completion.includesUsage && !completion.continuousUsage)
    #expect(!completion.returnsTokenIDs && !completion.echoes)
    let chat = try GenerationCall(#"{"messages":[{"role":"user","content":"a"}],"logprobs":false}"#, .chat)
    #expect(chat.sampling == SamplingParameters())
    #expect(try chat.sampling(promptTokens: 2000, in: .scripted()).maxTokens == 48)
  }

  @Test func everyFieldIsRead() throws {
    let call = try GenerationCall(
      """
      {"model":"smollm2","prompt":"a","n":2,"best_of":3,"max_tokens":7,"min_tokens":2,"temperature":0.5,"top_p":0.9,
       "top_k":-1,"min_p":0.1,"presence_penalty":1,"frequency_penalty":-1,"repetition_penalty":1.5,"seed":-2,
       "logit_bias":{"5":-200,"6":1.5},"stop":["x","y"],"stop_token_ids":[3],"ignore_eos":true,"logprobs":4,"stream":true,
       "stream_options":{"include_usage":true,"continuous_usage_stats":true},"return_token_ids":true,"user":"me"}
      """)
    var sampling = SamplingParameters()
    (sampling.n, sampling.bestOf, sampling.maxTokens, sampling.minTokens) = (2, 3, 7, 2)
    (sampling.temperature, sampling.topP, sampling.topK, sampling.minP) = (0.5, 0.9, 0, 0.1)
    (sampling.presencePenalty, sampling.frequencyPenalty, sampling.repetitionPenalty) = (1, -1, 1.5)
    (sampling.seed, sampling.logitBias) = (UInt64(bitPattern: -2), [5: -100, 6: 1.5])
    (sampling.stopStrings, sampling.stopTokens, sampling.ignoreEOS, sampling.logprobs) = (["x", "y"], [3], true, 4)
    #expect(call.sampling == sampling)
    #expect(call.streams && call.includesUsage && call.continuousUsage && call.returnsTokenIDs)
    #expect(call.choiceCount == 2)
    let chat = try GenerationCall(
      """
      {"messages":[{"role":"user","content":"a"}],"max_tokens":3,"max_completion_tokens":5,"logprobs":true,
       "top_logprobs":2,"seed":-1,"tools":[],"response_format":{"type":"text"}}
      """, .chat)
    #expect(chat.sampling.maxTokens == 5)
    #expect(chat.sampling.logprobs == 2)
    #expect(chat.sampling.seed == nil)
  }

  @Test func numbersBeyondAMachineWordAreCutAndRefusedLikeOthers() throws {
    let huge = try GenerationCall(#"{"prompt":"a","max_tokens":1e30,"top_k":99999999999999999999999999}"#)
    #expect(try huge.sampling(promptTokens: 48, in: .scripted()).maxTokens == 2000)
    #expect(huge.sampling.topK == .max)
    #expect(refusal(#"{"prompt":"a","n":1e300}"#)?.type == "BadRequestError")
    #expect(refusal(#"{"prompt":"a","max_tokens":-1e300}"#)?.parameter == "max_tokens")
    #expect(refusal(#"{"prompt":"a","temperature":1e999}"#)?.type == "Bad Request")
  }

  @Test(
    arguments: [
      // Values out of bounds: field, body.
      (#""n":2,"temperature":0"#, "n"), (#""best_of":2,"temperature":0"#, "n"), (#""n":0"#, nil), (#""n":-3"#, nil),
      (#""n":3,"best_of":2"#, "best_of"), (#""max_tokens":-1"#, "max_tokens"), (#""temperature":3"#, "temperature"),
      (#""top_p":0"#, "top_p"), (#""min_p":2"#, "min_p"), (#""top_k":-2"#, "top_k"), (#""logprobs":21"#, "logprobs"),
      (#""logprobs":-1"#, "logprobs"), (#""presence_penalty":3"#, "presence_penalty"),
      (#""repetition_penalty":0"#, "repetition_penalty"), (#""repetition_penalty":1e-300"#, "repetition_penalty"),
      (#""stop":["a",""]"#, "stop"), (#""stop_token_ids":[49152]"#, "stop_token_ids"),
      (#""logit_bias":{"x":1}"#, "logit_bias"), (#""logit_bias":{"-1":1}"#, "logit_bias"),
      (#""min_tokens":-1"#, "min_tokens"), (#""echo":true,"logprobs":1"#, "echo"),
    ] as [(String, String?)])
  func valuesOutOfBoundsAreRefused(fields: String, parameter: String?) throws {
    let error = try #require(refusal(#"{"prompt":"a",\#(fields)}"#))
    #expect(error.status == 400)
    #expect(error.type == "BadRequestError")
    #expect(error.parameter == parameter)
  }

  @Test(arguments: [
    (#"{"prompt":"a","n":1.5}"#, "body.n"), (#"{"prompt":"a","n":true}"#, "body.n"),
    (#"{"prompt":"a","stream":"yes"}"#, "body.stream"), (#"{"prompt":{"a":1}}"#, "body.prompt"),
    (#"{"prompt":["a",1]}"#, "body.prompt"), (#"{"prompt":[1,[2]]}"#, "body.prompt"), ("[]", "body"), ("", "body.0"),
    (#"{"prompt":"a","stop":[1]}"#, "body.stop"), (#"{"prompt":"a","prompt":"b"}"#, "body.14"),
    (#"{"prompt":"a","logit_bias":{"1":"x"}}"#, "body.logit_bias.1"), (#"{"prompt":"a","model":1}"#, "body.model"),
    (#"{"prompt":"a","stream":true,"stream_options":{"include_usage":1}}"#, "body.stream_options.include_usage"),
    ("{\"prompt\":\"\u{0}\"}", "body.11"), (#"{"prompt":"a","x":\#(String(repeating: "[", count: 400))"#, "body.273"),
  ])
  func wrongTypesAreRefused(body: String, place: String) throws {
    let error = try #require(refusal(body))
    #expect(error.status == 400)
    #expect(error.type == "Bad Request")
    #expect(error.parameter == place)
  }

  @Test(arguments: [
    (#"[{"role":"wizard","content":"a"}]"#, "body.messages.0.role"),
    (#"[{"role":"user"}]"#, "body.messages.0.content"), (#"[{"content":"a"}]"#, "body.messages.0.role"),
    (#"[{"role":"user","content":"a"},5]"#, "body.messages.1"), (#""a""#, "body.messages"), ("null", "body.messages"),
    (#"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]"#, "body.messages.0.content.0.type"),
    (#"[{"role":"user","content":[{"type":"text"}]}]"#, "body.messages.0.content.0.text"),
    (#"[{"role":"assistant","content":null,"tool_calls":[{"id":"x"}]}]"#, "tool_calls"),
  ])
  func messagesOfOtherKindsAreRefused(messages: String, place: String) throws {
    let error = try #require(refusal(#"{"messages":\#(messages)}"#, .chat))
    #expect(error.status == 400)
    #expect(error.parameter == place)
  }

  @Test(arguments: [
    #""use_beam_search":true"#, #""suffix":"x""#, #""prompt_logprobs":1"#, #""response_format":{"type":"json_object"}"#,
    #""allowed_token_ids":[1]"#, #""bad_words":["x"]"#, #""truncate_prompt_tokens":3"#,
    #""include_stop_str_in_output":true"#, #""skip_special_tokens":false"#,
  ])
  func whatWouldChangeTheAnswerAndIsNotDoneIsRefusedByName(field: String) throws {
    let error = try #require(refusal(#"{"prompt":"a",\#(field)}"#))
    #expect(error.status == 400)
    #expect(error.parameter == field.split(separator: "\"").first.map(String.init))
  }

  @Test func toolsAreRefusedUnlessTheyAreNotToBeUsed() throws {
    let messages = #""messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}]"#
    #expect(refusal("{\(messages)}", .chat)?.parameter == "tools")
    #expect(refusal(#"{\#(messages),"tool_choice":"none"}"#, .chat) == nil)
  }

  @Test func promptsTimesOutputsAreBounded() {
    let prompts = Array(repeating: "\"a\"", count: 1000).joined(separator: ",")
    #expect(refusal(#"{"prompt":[\#(prompts)],"n":16}"#) == nil)
    #expect(refusal(#"{"prompt":[\#(prompts)],"n":17}"#)?.parameter == "n")
    #expect(refusal(#"{"prompt":[\#(prompts),\#(prompts)]}"#)?.parameter == "prompt")
  }

  @Test func lengthsThatDoNotFitAreRefused() throws {
    let call = try GenerationCall(#"{"prompt":"a","min_tokens":10}"#)
    #expect(throws: APIError.self) { try call.sampling(promptTokens: 0, in: .scripted()) }
    #expect(throws: APIError.self) { try call.sampling(promptTokens: 2049, in: .scripted()) }
    #expect(throws: APIError.self) { try call.sampling(promptTokens: 2039, in: .scripted()) }
    #expect(try call.sampling(promptTokens: 2038, in: .scripted()).maxTokens == 10)
  }
}
