public import Generation

/// What a client asks a server for.
public struct ClientRequest: Sendable {
  public enum Endpoint: String, Sendable, CaseIterable {
    case completions, chat
  }

  public var prompt: GenerationRequest.Prompt
  public var sampling: SamplingParameters
  public var endpoint: Endpoint
  /// Whether the outcome is to hold the texts.
  public var keepsText: Bool

  public init(
    prompt: GenerationRequest.Prompt, sampling: SamplingParameters, endpoint: Endpoint, keepsText: Bool = false
  ) {
    self.prompt = prompt
    self.sampling = sampling
    self.endpoint = endpoint
    self.keepsText = keepsText
  }
}
