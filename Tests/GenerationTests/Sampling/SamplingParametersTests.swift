import Generation
import Testing

@Suite struct SamplingParametersTests {
  private static let wrong: [(change: @Sendable (inout SamplingParameters) -> Void, sentence: String)] = [
    ({ $0.n = 0 }, "n must be 1 or more, not 0"),
    ({ ($0.n, $0.bestOf) = (3, 2) }, "best_of must be n (3) or more, not 2"),
    ({ $0.n = .max }, "n and best_of must be at most 16384"),
    ({ $0.temperature = -0.5 }, "temperature must be 0 or more, not -0.5"),
    ({ $0.temperature = .nan }, "temperature must be 0 or more, not nan"),
    ({ $0.temperature = .infinity }, "temperature must be 0 or more, not inf"),
    ({ ($0.temperature, $0.n) = (0, 3) }, "3 outputs with temperature 0 would all be the same"),
    ({ ($0.temperature, $0.bestOf) = (0, 2) }, "2 outputs with temperature 0 would all be the same"),
    ({ $0.topK = -1 }, "top_k must be 0 (all tokens) or more, not -1"),
    ({ $0.topP = 0 }, "top_p must be more than 0 and at most 1, not 0.0"),
    ({ $0.topP = 1.5 }, "top_p must be"),
    ({ $0.topP = .nan }, "top_p must be"),
    ({ $0.minP = -0.1 }, "min_p must be from 0 to 1, not -0.1"),
    ({ $0.repetitionPenalty = 0 }, "repetition_penalty must be more than 0, not 0.0"),
    ({ $0.presencePenalty = 3 }, "presence_penalty must be from -2 to 2, not 3.0"),
    ({ $0.frequencyPenalty = -2.5 }, "frequency_penalty must be from -2 to 2"),
    ({ $0.logitBias = [5: 101] }, "logit_bias of token 5 must be from -100 to 100, not 101.0"),
    ({ $0.logitBias = [10: 1] }, "logit_bias names token 10, and the model has tokens 0 to 9"),
    ({ $0.stopTokens = [-1] }, "stop_token_ids names token -1"),
    ({ $0.stopStrings = ["a", ""] }, "a stop string must hold a character"),
    ({ $0.maxTokens = 0 }, "max_tokens must be 1 or more, not 0"),
    ({ ($0.minTokens, $0.maxTokens) = (5, 4) }, "min_tokens must be from 0 to max_tokens, not 5"),
    ({ $0.minTokens = -1 }, "min_tokens must be"),
    ({ $0.logprobs = 21 }, "logprobs must be from 0 to 20, not 21"),
  ]

  @Test(arguments: wrong.indices) func wrongParametersAreNamed(index: Int) {
    let (change, sentence) = Self.wrong[index]
    var parameters = SamplingParameters()
    change(&parameters)
    do {
      try parameters.check(vocabularySize: 10)
      Issue.record("accepted: \(parameters)")
    } catch {
      #expect(error.description.hasPrefix(sentence), "\(error)")
    }
  }

  @Test func defaultsAreRight() throws { try SamplingParameters().check(vocabularySize: 1) }
}
