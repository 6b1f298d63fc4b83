package import Generation

/// What the generate workload measures with the same code: a model on the engine of the stack, a simulated device, or an
/// adapter process.
package protocol GenerationEngine: AnyObject {
  /// Brings the model into memory, to run on `threads` threads, at first with `setting`. Called once, before anything else.
  ///
  /// - Returns: seconds that it took, without what only has to be done once for a model; nil where nothing is loaded.
  func load(threads: Int, for setting: GenerationSetting) throws -> Double?

  /// Answers every request once, all of them being there from the beginning. Nothing that an earlier pass computed helps.
  func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) throws -> GenerationPass

  /// Private memory of the process that holds the model, in bytes; nil where the system cannot tell, or nothing is held.
  func privateBytes() throws -> Int?

  /// Gives back memory and processes; called once, after which nothing else is.
  func close()
}

/// How one pass is run. An adapter has parameters of its own and takes the temperature and the seed alone.
package struct GenerationSetting: Sendable, Hashable {
  package var policy: KVPolicy
  /// `nil`: what suits the engine.
  package var budget: KVBudget?
  package var maxSequences: Int
  package var maxBatchedTokens: Int
  package var maxModelLength: Int
  package var temperature: Float
  package var seed: UInt64

  package init(
    policy: KVPolicy = KVPolicy(batching: .paged), budget: KVBudget? = nil, maxSequences: Int = 256,
    maxBatchedTokens: Int = 2048, maxModelLength: Int = 2048, temperature: Float = 1, seed: UInt64 = 0
  ) {
    self.policy = policy
    self.budget = budget
    self.maxSequences = maxSequences
    self.maxBatchedTokens = maxBatchedTokens
    self.maxModelLength = maxModelLength
    self.temperature = temperature
    self.seed = seed
  }
}

/// What one pass over the requests gave.
package struct GenerationPass: Sendable, Equatable {
  /// Tokens, and the seconds spent on them alone.
  package struct Phase: Sendable, Equatable {
    package var tokens: Int
    package var seconds: Double

    package init(tokens: Int, seconds: Double) {
      self.tokens = tokens
      self.seconds = seconds
    }
  }

  /// Of the whole pass, by the engine's own clock: a simulation's is virtual.
  package var seconds: Double
  /// Steps that compute prompts, and the prompt tokens that they compute; nil where the engine cannot tell.
  package var prefill: Phase?
  /// Steps without a prompt token, and the output tokens that come of them.
  package var decode: Phase?
  /// Tokens of all outputs, those included that were computed beyond an output's length; nil where the engine cannot tell.
  package var generatedTokens: Int?
  /// What became of the KV memory; nil where the engine cannot tell.
  package var memory: KVUsage?
  /// Wall time of a pass whose own clock is virtual.
  package var wallSeconds: Double?

  package init(
    seconds: Double, prefill: Phase? = nil, decode: Phase? = nil, generatedTokens: Int? = nil,
    memory: KVUsage? = nil, wallSeconds: Double? = nil
  ) {
    self.seconds = seconds
    self.prefill = prefill
    self.decode = decode
    self.generatedTokens = generatedTokens
    self.memory = memory
    self.wallSeconds = wallSeconds
  }

  /// - Throws: `EngineError` for an answer that does not fit the question.
  func check(_ requests: GenerationRequests) throws {
    guard seconds.isFinite, seconds > 0 else { throw EngineError("the engine says that the pass took \(seconds) s") }
    if let generatedTokens, generatedTokens < requests.outputTokens {
      throw EngineError("the engine made \(generatedTokens) of the \(requests.outputTokens) tokens that were asked for")
    }
  }
}
