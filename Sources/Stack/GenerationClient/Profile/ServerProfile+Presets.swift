extension ServerProfile {
  /// By name; local servers at the ports that they take by default.
  public static let presets = [ragmeter, vllm, sglang, tgi, llamaCpp, llamaStack, openai, together, lepton]

  static let ragmeter = ServerProfile(
    name: "ragmeter", baseURL: "http://127.0.0.1:8321/v1", keyVariable: "RAGMETER_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: every, usage: .continuous, tokenIDs: "return_token_ids", takesTokens: true, tokenizer: .prompt))

  /// docs.vllm.ai, "OpenAI-Compatible Server", extra parameters; its V1 engine passes over `best_of`.
  static let vllm = ServerProfile(
    name: "vllm", baseURL: "http://127.0.0.1:8000/v1", keyVariable: "VLLM_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: every(but: .bestOf), usage: .continuous, tokenIDs: "return_token_ids", takesTokens: true,
      tokenizer: .prompt))

  /// docs.sglang.ai, "OpenAI APIs - Completions".
  static let sglang = ServerProfile(
    name: "sglang", baseURL: "http://127.0.0.1:30000/v1", keyVariable: "SGLANG_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: every(but: .bestOf), usage: .continuous, takesTokens: true, tokenizer: .prompt))

  /// Its `docs/openapi.json`: `n` and `logit_bias` are marked UNUSED, and a completion's last chunk has the usage unasked.
  static let tgi = ServerProfile(
    name: "tgi", baseURL: "http://127.0.0.1:3000/v1", keyVariable: "HF_TOKEN", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: only(.seed, .frequencyPenalty, .repetitionPenalty), usage: .atEnd, tokenizer: .inputs))

  /// `tools/server/README.md`: `best_of` is refused, `n` is at most `--parallel`, and each output is a task with a usage of its own.
  static let llamaCpp = ServerProfile(
    name: "llama.cpp", baseURL: "http://127.0.0.1:8080/v1", keyVariable: "LLAMA_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: every(but: .bestOf, .minTokens, .stopTokens)
        .merging([.repetitionPenalty: "repeat_penalty"]) { $1 },
      usage: .perChoice, takesTokens: true, tokenizer: .content))

  /// Of release 0.2; later ones answer at `/v1` too.
  static let llamaStack = ServerProfile(
    name: "llama-stack", baseURL: "http://127.0.0.1:8321/v1/openai/v1", keyVariable: "LLAMA_STACK_API_KEY",
    quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd))

  /// platform.openai.com/docs/api-reference; chats of models that reason refuse `max_tokens`.
  static let openai: ServerProfile = {
    var profile = ServerProfile(
      name: "openai", baseURL: "https://api.openai.com/v1", keyVariable: "OPENAI_API_KEY",
      quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd, takesTokens: true))
    profile.quirks.chatLimit = "max_completion_tokens"
    return profile
  }()

  /// docs.together.ai/reference/completions-1; the last chunk has the usage unasked.
  static let together = ServerProfile(
    name: "together", baseURL: "https://api.together.xyz/v1", keyVariable: "TOGETHER_API_KEY",
    quirks: ServerQuirks(
      parameters: every(but: .bestOf, .minTokens, .stopTokens, .ignoreEOS), usage: .unasked))

  /// Each model has a host of its own: give its URL.
  static let lepton = ServerProfile(
    name: "lepton", baseURL: "https://llama3-1-8b.lepton.run/api/v1", keyVariable: "LEPTONAI_TOKEN",
    quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd))

  /// Anything else is refused with 400.
  private static let openAIParameters = only(
    .n, .bestOf, .seed, .presencePenalty, .frequencyPenalty, .logitBias, .logprobs)

  /// By vLLM's names, which are OpenAI's where that has them.
  private static let every = Dictionary(
    uniqueKeysWithValues: ServerQuirks.Parameter.allCases.map { ($0, $0.rawValue) })

  private static func every(but missing: ServerQuirks.Parameter...) -> [ServerQuirks.Parameter: String] {
    every.filter { !missing.contains($0.key) }
  }

  private static func only(_ taken: ServerQuirks.Parameter...) -> [ServerQuirks.Parameter: String] {
    every.filter { taken.contains($0.key) }
  }
}
