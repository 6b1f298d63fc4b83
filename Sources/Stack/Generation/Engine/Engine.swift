internal import Foundation
public import ModelFiles
public import Tokenizers

/// Generates text with a model in this process: requests of any number of callers are batched by one thread.
///
/// A dropped stream cancels its request. Dropping the engine, or `shutDown`, ends all that is under way with an error.
public final class Engine: TextGenerator {
  public let model: String
  /// What it was opened with, or made for.
  public let configuration: SchedulerConfiguration
  private let vocabularySize: Int
  private let tokenizer: any Tokenizer
  private let endTokens: [Int32]
  private let chatTemplate: ChatTemplate?
  private let door: EngineDoor
  /// Without requests: it tells callers at once what it would refuse.
  private let emptyScheduler: Scheduler

  /// - Parameters:
  ///   - model: a name for reports.
  ///   - executor: belongs to the engine's thread from now on.
  ///   - endTokens: the model's own ends of a text.
  ///   - threads: for choosing tokens; an executor has its own.
  /// - Throws: `GenerationError` for a configuration under which nothing could ever run.
  public init(
    model: String, executor: any ModelExecutor, configuration: SchedulerConfiguration, vocabularySize: Int,
    tokenizer: any Tokenizer, endTokens: [Int32] = [], chatTemplate: ChatTemplate? = nil, seed: UInt64 = 0,
    threads: Int = 1, maxWaiting: Int = EngineOptions().maxWaiting
  ) throws {
    self.model = model
    self.configuration = configuration
    self.vocabularySize = vocabularySize
    self.tokenizer = tokenizer
    self.endTokens = endTokens
    self.chatTemplate = chatTemplate
    let core = try EngineCore(
      executor: executor, configuration: configuration, vocabularySize: vocabularySize, seed: seed, threads: threads)
    emptyScheduler = core.scheduler
    door = EngineDoor(places: maxWaiting)
    let loop = EngineLoop(core: core, door: door, tokenizer: tokenizer, endTokens: endTokens)
    let thread = Thread { loop.run() }
    thread.name = "ragmeter.engine"
    thread.start()
  }

  deinit { door.close() }

  public var statistics: EngineStatistics { door.statistics }

  public func generate(
    _ request: GenerationRequest
  ) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
    let prompt = try tokens(of: request.prompt)
    var scheduler = emptyScheduler
    try scheduler.add(
      ScheduledRequest(
        id: 0, prompt: prompt, sampling: request.sampling, endTokens: endTokens, vocabularySize: vocabularySize,
        maxModelLength: configuration.maxModelLength))
    try await door.enter()
    return door.submit((prompt, request.sampling))
  }

  /// Ends all that is under way with an error, and returns when the thread has ended. More than once is as good as once.
  public func shutDown() async {
    door.close()
    await door.farewell()
  }

  /// The ids of a prompt.
  ///
  /// - Throws: `GenerationError` for messages to a model without a template, and what the template throws.
  public func tokens(of prompt: GenerationRequest.Prompt) throws -> [Int32] {
    switch prompt {
    case .tokens(let ids): return ids
    case .text(let text): return tokenizer.encode(text, addSpecialTokens: true).ids
    case .messages(let messages):
      guard let chatTemplate else {
        throw GenerationError("\(model) has no chat template that is known here; give a prompt instead of messages")
      }
      let text = try chatTemplate.render(messages, addGenerationPrompt: true)
      return tokenizer.encode(text, addSpecialTokens: false).ids
    }
  }
}
