internal import Kernels

/// The engine without text, thread or clock: plans a step, has it executed, chooses the tokens, and tells what came of it.
///
/// It belongs to one caller at a time. Over an executor that computes nothing it costs little more than its scheduler, so
/// that simulations run through the very same loop.
public final class EngineCore {
  public let configuration: SchedulerConfiguration
  public let vocabularySize: Int
  public private(set) var scheduler: Scheduler
  private let executor: any ModelExecutor
  private let threads: Int
  /// Made when there are logits to choose from.
  private var sampler: Sampler?
  private var requests: [Int: Request] = [:]
  private var seeds: SplitMix64
  private var nextID = 0
  /// Stands for tokens that nobody computes: never twice the same, so that no two sequences look alike to the prefix
  /// cache, and none that a vocabulary has.
  private var placeholder: Int32 = -1

  // What one step leaves to the next, so that none has to allocate.
  private var planned = ScheduledStep()
  private var sampled: [SampledToken] = []
  private var samplers: [ChoiceSampler] = []
  private var rows: [Range<Int>] = []
  private var tokens: [Int32] = []
  private var outcomes: [TokenOutcome] = []

  /// What choosing the tokens of a request's outputs takes.
  private struct Request {
    var sampling: SamplingParameters
    var prompt: [Int32]
    var stopTokens: Set<Int32>
    var seed: UInt64
    var unfinished: Int
    var isFinished: [Bool]
    /// One for each output, once there are logits.
    var samplers: [ChoiceSampler] = []
  }

  /// - Parameters:
  ///   - seed: what the outputs of requests without a seed draw from.
  ///   - threads: for choosing tokens; an executor has its own.
  /// - Throws: `GenerationError` for a configuration under which nothing could ever run.
  public init(
    executor: any ModelExecutor, configuration: SchedulerConfiguration, vocabularySize: Int, seed: UInt64 = 0,
    threads: Int = 1
  ) throws(GenerationError) {
    self.executor = executor
    self.configuration = configuration
    self.vocabularySize = vocabularySize
    self.threads = threads
    scheduler = try Scheduler(configuration)
    seeds = SplitMix64(seed: seed)
  }

  /// Whether any request is unfinished.
  public var hasWork: Bool { scheduler.hasWork }

  /// Puts a request at the end of the line.
  ///
  /// - Parameters:
  ///   - id: chosen by the caller, never used twice; nil: the next free one.
  ///   - sampling: its stop strings are the caller's to find; see `finish`. All `sampling.choices` outputs are made, and
  ///     whose tokens have log probabilities if the best `n` of them are to be found.
  ///   - endTokens: the model's own, which `ignoreEOS` makes tokens like any other.
  ///   - scriptedLengths: for each output the length after which it ends, which no reservation knows of.
  /// - Returns: the request's id.
  /// - Throws: `GenerationError` for parameters that are none, or a request that could never be served.
  @discardableResult public func add(
    id: Int? = nil, prompt: [Int32], sampling: SamplingParameters, endTokens: [Int32] = [],
    scriptedLengths: [Int]? = nil
  ) throws(GenerationError) -> Int {
    let id = id ?? nextID
    let request = try ScheduledRequest(
      id: id, prompt: prompt, sampling: sampling, endTokens: endTokens, scriptedLengths: scriptedLengths,
      vocabularySize: vocabularySize, maxModelLength: configuration.maxModelLength)
    try scheduler.add(request)
    requests[id] = Request(
      sampling: sampling, prompt: prompt, stopTokens: request.stopTokens, seed: sampling.seed ?? seeds.next(),
      unfinished: request.choices, isFinished: Array(repeating: false, count: request.choices))
    nextID = max(nextID, id + 1)
    return id
  }

  /// Takes a request back; one that is not there, or has finished, is left alone.
  public func cancel(_ id: Int) {
    scheduler.cancel(request: id)
    requests[id] = nil
  }

  /// Ends an output for a reason that only the caller can see, such as a stop string in its text; one that is not there, or
  /// has finished, is left alone.
  public func finish(_ choice: ChoiceID, _ reason: FinishReason = .stop) {
    guard let isFinished = requests[choice.request]?.isFinished, isFinished.indices.contains(choice.index),
      !isFinished[choice.index]
    else { return }
    scheduler.finish(choice, reason)
    leave(choice)
  }

  /// Tokens of a request's prompt that the prefix cache held when it was let in; nil while it waits.
  public func cachedTokens(ofRequest id: Int) -> Int? { scheduler.cachedTokens(ofRequest: id) }

  /// Runs one step.
  ///
  /// A step that fails is computed anew, once, from whatever the scheduler then plans.
  ///
  /// - Returns: nil if there is nothing to run.
  /// - Throws: `StepFailure` if it fails again: the requests of the step are gone, others are not.
  public func step() throws(StepFailure) -> StepReport? {
    var isRepeated = false
    while scheduler.plan(&planned) {
      do throws(any Error) {
        return try runPlanned()
      } catch {
        scheduler.fail(planned)
        if isRepeated { throw drop(error) }
        isRepeated = true
      }
    }
    return nil
  }

  private func runPlanned() throws -> StepReport {
    let executed = try executor.execute(planned)
    var logprobs: [TokenLogprob?] = []
    if let logits = executed.logits {
      try sample(logits)
      tokens.removeAll(keepingCapacity: true)
      for (sampler, next) in zip(samplers, sampled) {
        sampler.accept(next.token)
        tokens.append(next.token)
      }
      if sampled.contains(where: { $0.logprob != nil }) { logprobs = sampled.map(\.logprob) }
    } else {
      Self.fill(&tokens, count: planned.samples.count, from: &placeholder)
    }
    let finished = scheduler.complete(planned, tokens: tokens)
    Self.fill(&outcomes, planned.samples, tokens, finished)
    for end in finished { leave(end.choice) }
    return StepReport(
      statistics: scheduler.statistics, seconds: executed.seconds, outcomes: outcomes, logprobs: logprobs)
  }

  // Loops over what a simulation does at every step stand in functions that are handed their arrays, for which the class need
  // not be asked every time round.

  private static func fill(_ tokens: inout [Int32], count: Int, from placeholder: inout Int32) {
    tokens.removeAll(keepingCapacity: true)
    if placeholder < Int32.min + Int32(count) { placeholder = -1 }
    for _ in 0..<count {
      tokens.append(placeholder)
      placeholder -= 1
    }
  }

  /// - Parameter finished: in the order of the samples.
  private static func fill(
    _ outcomes: inout [TokenOutcome], _ samples: [ChoiceID], _ tokens: [Int32], _ finished: [FinishedChoice]
  ) {
    outcomes.removeAll(keepingCapacity: true)
    var next = 0
    for (choice, token) in zip(samples, tokens) {
      var reason: FinishReason?
      if next < finished.count, finished[next].choice == choice {
        reason = finished[next].reason
        next += 1
      }
      outcomes.append(TokenOutcome(choice: choice, token: token, finished: reason))
    }
  }

  /// Chooses a token for each of the step's samples.
  private func sample(_ logits: LogitRows) throws(GenerationError) {
    rows.removeAll(keepingCapacity: true)
    for run in planned.runs where !run.samples.isEmpty { rows.append(run.samples) }
    samplers.removeAll(keepingCapacity: true)
    for choice in planned.samples { samplers.append(sampler(of: choice)) }
    let sampler = self.sampler ?? Sampler(vocabularySize: vocabularySize, threads: threads)
    self.sampler = sampler
    try sampler.sample(logits, rows: rows, samplers: samplers, into: &sampled)
  }

  private func sampler(of choice: ChoiceID) -> ChoiceSampler {
    if let samplers = requests[choice.request]?.samplers, !samplers.isEmpty { return samplers[choice.index] }
    guard let request = requests[choice.request] else {
      preconditionFailure("the scheduler ran \(choice), which is gone")
    }
    let samplers = (0..<request.sampling.choices).map { index in
      ChoiceSampler(
        parameters: request.sampling, prompt: request.prompt, stopTokens: request.stopTokens,
        seed: request.seed &+ UInt64(index))
    }
    requests[choice.request]?.samplers = samplers
    return samplers[choice.index]
  }

  private func leave(_ choice: ChoiceID) {
    guard let unfinished = requests[choice.request]?.unfinished else { return }
    if unfinished == 1 {
      requests[choice.request] = nil
    } else {
      requests[choice.request]?.unfinished = unfinished - 1
      requests[choice.request]?.isFinished[choice.index] = true
    }
  }

  /// Gives up all requests of the step.
  private func drop(_ error: any Error) -> StepFailure {
    let dropped = Set(planned.runs.map(\.sequence.request)).intersection(requests.keys).sorted()
    dropped.forEach(cancel)
    return StepFailure(requests: dropped, reason: "\(error)")
  }
}
