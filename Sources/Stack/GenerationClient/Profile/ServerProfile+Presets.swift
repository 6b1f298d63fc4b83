extension ServerProfile {
  /// By name; local servers at the ports that they take by default.
  public static let presets = [ragmeter, vllm, sglang, tgi, llamaCpp, llamaStack, openai, together, lepton]

  static let ragmeter = ServerProfile(
    name: "ragmeter", baseURL: "http://127.0.0.1:8321/v1", keyVariable: "RAGMETER_API_KEY", metricsPath: "/metrics",
    quirks: vllm.quirks)

  static let vllm = ServerProfile(
    name: "vllm", baseURL: "http://127.0.0.1:8000/v1", keyVariable: "VLLM_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: ServerQuirks.every, usage: .continuous, tokenIDs: "return_token_ids", takesTokens: true,
      tokenizer: .prompt))

  static let sglang = ServerProfile(
    name: "sglang", baseURL: "http://127.0.0.1:30000/v1", keyVariable: "SGLANG_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: ServerQuirks.every, usage: .continuous, takesTokens: true, tokenizer: .prompt))

  static let tgi = ServerProfile(
    name: "tgi", baseURL: "http://127.0.0.1:3000/v1", keyVariable: "HF_TOKEN", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: [
        .seed: "seed", .frequencyPenalty: "frequency_penalty", .repetitionPenalty: "repetition_penalty",
      ], usage: .atEnd, tokenizer: .inputs))

  static let llamaCpp = ServerProfile(
    name: "llama.cpp", baseURL: "http://127.0.0.1:8080/v1", keyVariable: "LLAMA_API_KEY", metricsPath: "/metrics",
    quirks: ServerQuirks(
      parameters: ServerQuirks.every.filter { ![.bestOf, .minTokens, .stopTokens].contains($0.key) }
        .merging([.repetitionPenalty: "repeat_penalty"]) { $1 },
      usage: .atEnd, takesTokens: true, tokenizer: .content))

  static let llamaStack = ServerProfile(
    name: "llama-stack", baseURL: "http://127.0.0.1:8321/v1/openai/v1", keyVariable: "LLAMA_STACK_API_KEY",
    quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd))

  static let openai: ServerProfile = {
    var profile = ServerProfile(
      name: "openai", baseURL: "https://api.openai.com/v1", keyVariable: "OPENAI_API_KEY",
      quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd, takesTokens: true))
    profile.quirks.chatLimit = "max_completion_tokens"
    return profile
  }()

  static let together = ServerProfile(
    name: "together", baseURL: "https://api.together.xyz/v1", keyVariable: "TOGETHER_API_KEY",
    quirks: ServerQuirks(
      parameters: ServerQuirks.every.filter {
        ![.bestOf, .minTokens, .stopTokens, .ignoreEOS].contains($0.key)
      }, usage: .atEnd))

  static let lepton = ServerProfile(
    name: "lepton", baseURL: "https://llama3-1-8b.lepton.run/api/v1", keyVariable: "LEPTONAI_TOKEN",
    quirks: ServerQuirks(parameters: openAIParameters, usage: .atEnd))

  /// platform.openai.com/docs/api-reference/completions/create; anything else is refused with 400.
  private static let openAIParameters: [ServerQuirks.Parameter: String] = ServerQuirks.every.filter {
    [.n, .bestOf, .seed, .presencePenalty, .frequencyPenalty, .logitBias, .logprobs].contains($0.key)
  }
}
