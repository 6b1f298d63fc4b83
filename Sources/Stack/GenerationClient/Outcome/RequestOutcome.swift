/// What became of one request, by the client's clock.
///
/// Moments are nanoseconds of `CLOCK_MONOTONIC_RAW`, the harness's clock.
public struct RequestOutcome: Sendable {
  public enum Status: Sendable, Equatable {
    case completed
    case failed(RequestFailure)
    /// By the caller.
    case cancelled
  }

  public var status: Status
  /// When the schedule wanted it sent; latencies count from here.
  public var intended: UInt64
  /// When its first attempt was handed to the network; nil if none was.
  public var sent: UInt64?
  /// When nothing more could come of it.
  public var ended: UInt64
  /// 1 without a retry; 0 if it was never sent.
  public var attempts: Int
  /// One for each output that was asked for, whether or not anything came of it.
  public var choices: [ChoiceOutcome]
  /// By the server's usage; nil where it did not tell.
  public var promptTokens: Int?
  public var cachedPromptTokens: Int?
  public var counting: TokenCounting
  public var receivedBytes: Int

  public init(status: Status, intended: UInt64, ended: UInt64, outputs: Int) {
    self.status = status
    self.intended = intended
    self.ended = ended
    sent = nil
    attempts = 0
    choices = Array(repeating: ChoiceOutcome(), count: outputs)
    counting = .chunks
    receivedBytes = 0
  }

  /// Of all outputs.
  public var outputTokens: Int { choices.reduce(0) { $0 + $1.tokens } }
}

/// Where the numbers of tokens come from, the surest first.
public enum TokenCounting: String, Sendable, CaseIterable {
  /// Token ids in the chunks.
  case ids
  /// The server's usage: continuous, or at the end.
  case usage
  /// One for each chunk that carries text: what is left where a server tells nothing.
  case chunks
}

/// One output of a request.
public struct ChoiceOutcome: Sendable {
  /// From one chunk with tokens to the next.
  public struct Gap: Sendable, Equatable {
    public var nanoseconds: UInt64
    /// Tokens of the later chunk; more than one: the server bundles.
    public var tokens: Int

    public init(nanoseconds: UInt64, tokens: Int) {
      self.nanoseconds = nanoseconds
      self.tokens = tokens
    }
  }

  public var tokens = 0
  /// Chunks that carried tokens.
  public var chunks = 0
  public var firstToken: UInt64?
  public var lastToken: UInt64?
  /// When its finish reason came.
  public var finished: UInt64?
  /// "stop", "length", …, as the server says it.
  public var finishReason: String?
  public var gaps: [Gap] = []
  /// Empty unless it was to be kept.
  public var text = ""

  public init() {}
}

/// Why a request failed, as one sentence, and by which of the ways that are counted apart.
public struct RequestFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case refused, reset, timeout
    /// Nothing came for longer than a stream may be silent.
    case stalled
    /// A status other than 200.
    case http
    /// Neither the content type nor the JSON that was agreed.
    case malformed
    /// An error inside a stream that began with 200.
    case stream
    /// The stream ended before every output had.
    case truncated
    case other
  }

  public var kind: Kind
  public var description: String
  public var httpStatus: Int?

  public init(_ kind: Kind, _ description: String, httpStatus: Int? = nil) {
    self.kind = kind
    self.description = description
    self.httpStatus = httpStatus
  }
}
