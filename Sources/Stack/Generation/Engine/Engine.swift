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
  package let vocabularySize: Int
  package let tokenizer: any Tokenizer
  /// The model's own ends of a text.
  package let endTokens: [Int32]
  private let chatTemplate: ChatTemplate?
  private let door: EngineDoor
  private let places: Int
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
    places = max(1, maxWaiting)
    door = EngineDoor(places: places)
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
    let accepted = try accepted(request)
    try await door.enter()
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
    guard let ids = door.submit([accepted], to: StreamSink(continuation)) else { throw EngineDoor.closed }
    continuation.onTermination = { [weak door] reason in
      if case .cancelled = reason { door?.cancel(ids) }
    }
    return stream
  }

  /// Starts requests whose events a sink hears of, which never waits: neither here nor there.
  ///
  /// - Returns: nil if fewer places are free than requests; none has begun then.
  /// - Throws: `GenerationError` if one of them can never be served, or the engine is shut down.
  public func submit(_ requests: [GenerationRequest], to sink: any GenerationSink) throws -> GenerationTicket? {
    guard requests.count <= places else {
      throw GenerationError(
        "\(requests.count) prompts at once are more than the \(places) requests that may wait here; send fewer")
    }
    let all = try requests.map { try accepted($0) }
    guard try door.enterAtOnce(all.count) else { return nil }
    guard let ids = door.submit(all, to: sink) else { throw EngineDoor.closed }
    return GenerationTicket(ids: ids, door: door)
  }

  /// - Throws: `GenerationError` if it can never be served.
  private func accepted(_ request: GenerationRequest) throws -> (prompt: [Int32], sampling: SamplingParameters) {
    let prompt = try tokens(of: request.prompt)
    var scheduler = emptyScheduler
    try scheduler.add(
      ScheduledRequest(
        id: 0, prompt: prompt, sampling: request.sampling, endTokens: endTokens, vocabularySize: vocabularySize,
        maxModelLength: configuration.maxModelLength))
    return (prompt, request.sampling)
  }

  /// Ends all that is under way with an error, and returns when the thread has ended. More than once is as good as once.
  public func shutDown() async {
    door.close()
    await door.farewell()
  }

  /// The ids of a prompt.
  ///
  /// - Parameters:
  ///   - addSpecialTokens: to a text: what the model expects around it.
  ///   - addGenerationPrompt: to messages: what leads over to the assistant.
  /// - Throws: `GenerationError` for messages to a model without a template, and what the template throws.
  public func tokens(
    of prompt: GenerationRequest.Prompt, addSpecialTokens: Bool = true, addGenerationPrompt: Bool = true
  ) throws -> [Int32] {
    switch prompt {
    case .tokens(let ids): return ids
    case .text(let text): return tokenizer.encode(text, addSpecialTokens: addSpecialTokens).ids
    case .messages(let messages):
      guard let chatTemplate else {
        throw GenerationError("\(model) has no chat template that is known here; give a prompt instead of messages")
      }
      let text = try chatTemplate.render(messages, addGenerationPrompt: addGenerationPrompt)
      return tokenizer.encode(text, addSpecialTokens: false).ids
    }
  }
}
