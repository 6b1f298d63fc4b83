public import ModelFiles

/// Writes answers to prompts: the in-tree engine, or any server behind its client.
public protocol TextGenerator: Sendable {
  /// What specifications and reports call the model.
  var model: String { get }

  /// Starts a request; its events come until every choice has finished, or the stream is dropped, which cancels it.
  ///
  /// - Throws: `GenerationError` at once if the request can never be served: a prompt longer than the model, n = 0, ….
  ///   Suspends while the engine's queue is full.
  func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error>
}

/// A prompt, and what to do with it.
public struct GenerationRequest: Sendable {
  public var prompt: Prompt
  public var sampling: SamplingParameters

  public init(prompt: Prompt, sampling: SamplingParameters = SamplingParameters()) {
    self.prompt = prompt
    self.sampling = sampling
  }

  public enum Prompt: Sendable, Equatable {
    /// As it is, without a template.
    case text(String)
    case tokens([Int32])
    /// Laid out by the model's chat template.
    case messages([ChatMessage])
  }
}

/// What a generator tells while it writes.
public enum GenerationEvent: Sendable, Equatable {
  /// Tokens of a choice, with the text that they complete: empty where a scalar or a possible stop string is unfinished.
  case tokens(choice: Int, ids: [Int32], text: String, logprobs: [TokenLogprob])
  case finished(choice: Int, reason: FinishReason)
  /// The last event: tokens of the prompt (counted once) and of all choices.
  case usage(promptTokens: Int, completionTokens: Int, cachedTokens: Int)
}

/// The log probability of a token that was chosen, and of the most probable ones beside it.
public struct TokenLogprob: Sendable, Equatable {
  public var token: Int32
  public var logprob: Float
  public var top: [(token: Int32, logprob: Float)]

  public init(token: Int32, logprob: Float, top: [(token: Int32, logprob: Float)] = []) {
    self.token = token
    self.logprob = logprob
    self.top = top
  }

  public static func == (left: TokenLogprob, right: TokenLogprob) -> Bool {
    left.token == right.token && left.logprob == right.logprob && left.top.elementsEqual(right.top, by: ==)
  }
}
