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

  package var counts = Counts()
  /// When the pass began, by the client's clock.
  package var began: UInt64 = 0
  /// Nanoseconds from `began`: between warm-up and drain.
  package var window: Range<UInt64> = 0..<0
  /// Requests that ended in the window, and those among them that kept all service levels.
  package var completedInWindow = 0
  package var goodInWindow = 0
  /// Tokens of all choices that came in the window.
  package var outputTokens = 0
  package var promptTokens = 0
  package var cachedPromptTokens: Int?
  package var counting = TokenCounting.chunks
  /// Chunks with tokens, of all choices; fewer than tokens: the server bundles.
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
  /// Seconds that admissions were held back for the ceiling, of requests that were.
  package var heldBack = Histogram()

  package var clientTimeline: [Moment] = []
  package var serverTimeline: [ServerSample] = []
  /// What the server does not tell, by name.
  package var missingMetrics: [String] = []
  package var clientCPUSeconds = 0.0
  package var wallSeconds = 0.0
  /// Why the client may have been what was measured; empty: valid.
  package var doubts: [String] = []

  package init() {}
}
