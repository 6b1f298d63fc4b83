package import GenerationClient
package import Statistics

/// What one pass of a load point came to. Histograms are of nanoseconds and of the measured window only; counts are of the whole pass.
package struct LoadResult: Sendable {
  /// Every arrival is in exactly one: completed + failed + cancelled = scheduled.
  package struct Counts: Sendable, Equatable {
    package var scheduled = 0
    package var completed = 0
    /// Timed out ones among them.
    package var failed = 0
    package var cancelled = 0
    package var timedOut = 0
    /// Sent more than a millisecond after they were to be, by no fault of an admission ceiling.
    package var late = 0
    /// Never sent, for the run had ended.
    package var dropped = 0
    package var retried = 0
    /// By `RequestFailure.Kind`, and by HTTP status ("http 429").
    package var failures: [String: Int] = [:]

    package init() {}
  }

  package struct Moment: Sendable, Equatable {
    /// Nanoseconds from the beginning of the pass.
    package var time: UInt64
    package var inFlight: Int
    /// Tokens that had come till then.
    package var tokens: Int

    package init(time: UInt64, inFlight: Int, tokens: Int) {
      self.time = time
      self.inFlight = inFlight
      self.tokens = tokens
    }
  }

  /// One request in 24 bytes, for intervals and plots. Latencies are seconds from the intended moment; nan: there is none.
  package struct Request: Sendable, Equatable {
    /// Seconds from the beginning of the pass.
    package var intended: Float
    /// Of its first output.
    package var ttft: Float
    package var tpot: Float
    package var e2e: Float
    package var promptTokens: UInt32
    /// Of all outputs.
    package var outputTokens: UInt32

    package init(intended: Float, ttft: Float, tpot: Float, e2e: Float, promptTokens: UInt32, outputTokens: UInt32) {
      self.intended = intended
      self.ttft = ttft
      self.tpot = tpot
      self.e2e = e2e
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
    }
  }

  package var counts = Counts()
  /// When the pass began, by the client's clock.
  package var began: UInt64 = 0
  /// Nanoseconds from `began`: between warm-up and drain.
  package var window: Range<UInt64> = 0..<0
  /// Requests that were completed in the window, and those among them that kept all service levels.
  package var completedInWindow = 0
  package var goodInWindow = 0
  /// Requests that were to be sent in the window and came to an end, be it a failure, and those among them that kept all
  /// service levels: whether a rate is sustained is told by these, for slow ones may end behind the window.
  package var arrivedInWindow = 0
  package var keptLevels = 0
  /// Tokens of all choices that came in the window, but for those of requests that failed.
  package var outputTokens = 0
  /// Of the requests that were completed in the window, by the server's usage.
  package var promptTokens = 0
  package var cachedPromptTokens: Int?
  /// Of those prompts among them that were asked for by length: what was wanted, and what the server counted.
  package var wantedPromptTokens = 0
  package var countedPromptTokens = 0
  /// The least sure that any request's tokens were counted by.
  package var counting = TokenCounting.ids
  /// Chunks with tokens in the window, of all choices; fewer than tokens: the server bundles.
  package var chunks = 0

  /// From the intended moment.
  package var ttft = Histogram()
  package var e2e = Histogram()
  /// From the actual one.
  package var serviceTTFT = Histogram()
  package var serviceE2E = Histogram()
  package var itl = Histogram()
  /// A gap divided by the tokens of its chunk, counted once a token.
  package var itlPerToken = Histogram()
  package var tpot = Histogram()
  package var finishSkew = Histogram()
  /// When a choice finished behind its request's first to finish, by choice index.
  package var skewByIndex: [Histogram] = []
  package var scheduleLag = Histogram()
  /// Of those that the lag is of: sent more than a millisecond after they were to be.
  package var lateInWindow = 0
  /// How long admissions were held back for the ceiling, of requests that were.
  package var heldBack = Histogram()

  /// Of each request that was to be sent in the window and was completed, in the order of their ends.
  package var requests: [Request] = []
  package var clientTimeline: [Moment] = []
  package var serverTimeline: [ServerSample] = []
  /// What the server does not tell, by name.
  package var missingMetrics: [String] = []
  package var clientCPUSeconds = 0.0
  package var wallSeconds = 0.0
  /// Why the client may have been what was measured; empty: valid.
  package var doubts: [String] = []
  /// Why the run was given up before its time, as one sentence.
  package var abandoned: String?
  /// What was said of the last request that failed.
  package var lastFailure: String?
  /// What a reader of the figures has to know, a sentence each.
  package var remarks: [String] = []
  /// Whether the window has fewer median latencies than a steady state takes.
  package var isWindowShort = false

  package static let fewestLatencies = 3.0

  package init() {}
}
