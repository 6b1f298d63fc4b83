/// What the scheduler has to know of a request: nothing of text, nothing of sampling.
public struct ScheduledRequest: Sendable, Equatable {
  /// Chosen by the caller, never used twice.
  public var id: Int
  /// Token ids; at least one.
  public var prompt: [Int32]
  /// Outputs of the prompt (`n`, or `best_of`).
  public var choices: Int
  /// Tokens after which an output ends with `length`; contiguous policies reserve for them.
  public var maxTokens: Int
  /// Until so many tokens no stop token ends an output.
  public var minTokens: Int
  /// Tokens that end an output with `stop` (end of sequence among them, unless it is to be ignored).
  public var stopTokens: Set<Int32>
  /// For each choice the length after which it ends with `stop`, which no reservation knows of: for requests replayed from
  /// a trace; nil: choices end by their tokens alone.
  public var outputLengths: [Int]?

  public init(
    id: Int, prompt: [Int32], choices: Int = 1, maxTokens: Int, minTokens: Int = 0, stopTokens: Set<Int32> = [],
    outputLengths: [Int]? = nil
  ) {
    self.id = id
    self.prompt = prompt
    self.choices = choices
    self.maxTokens = maxTokens
    self.minTokens = minTokens
    self.stopTokens = stopTokens
    self.outputLengths = outputLengths
  }
}

/// One of the outputs of a request.
public struct ChoiceID: Sendable, Hashable, Comparable {
  public var request: Int
  public var index: Int

  public init(request: Int, index: Int) {
    self.request = request
    self.index = index
  }

  public static func < (left: ChoiceID, right: ChoiceID) -> Bool {
    (left.request, left.index) < (right.request, right.index)
  }
}

/// A choice that has come to its end.
public struct FinishedChoice: Sendable, Hashable {
  public var choice: ChoiceID
  public var reason: FinishReason

  public init(choice: ChoiceID, reason: FinishReason) {
    self.choice = choice
    self.reason = reason
  }
}

/// Why an output ended, in the words of the OpenAI API.
public enum FinishReason: String, Sendable, Hashable, CaseIterable {
  /// A stop token or a stop string.
  case stop
  /// `max_tokens`, or the model's context is full.
  case length
  /// The caller took the request back.
  case cancelled = "abort"
}
