internal import GenerationClient
internal import Statistics

/// Makes figures of outcomes as they come: histograms, sums, and 24 bytes a request.
struct LoadCollector {
  /// What a request was, beside its outcome.
  struct Subject {
    var wantedPromptTokens: Int?
    /// How long it was held back for the ceiling, if it was.
    var heldBack: UInt64?
  }

  private(set) var result = LoadResult()
  /// Where the measured window begins, by the clock; nil: not reached yet.
  var windowBegin: UInt64?
  /// Where it ends; nil: not known yet, and all that has happened so far is before it.
  var windowEnd: UInt64?
  private let began: UInt64
  private let levels: ServiceLevels
  private var timeline = LoadTimeline()
  /// Of the whole pass, for one whose window holds nothing.
  private var whole = Sums()
  private var lastEnd: UInt64

  private struct Sums {
    var completed = 0
    var good = 0
    var outputTokens = 0
    var promptTokens = 0
    var cachedPromptTokens: Int?
    var wanted = 0
    var counted = 0
    var chunks = 0
  }

  private static let late: UInt64 = 1_000_000

  init(began: UInt64, levels: ServiceLevels, outputs: Int) {
    self.began = began
    self.levels = levels
    lastEnd = began
    result.began = began
    result.skewByIndex = Array(repeating: Histogram(), count: outputs > 1 ? outputs : 0)
  }

  mutating func schedule(_ count: Int) { result.counts.scheduled += count }

  /// Requests that were scheduled and never will be sent.
  mutating func drop(_ count: Int) {
    result.counts.dropped += count
    result.counts.cancelled += count
  }

  mutating func sent(at time: UInt64) { timeline.begin(time &- began) }

  /// Takes one request to its account. O(its tokens).
  mutating func record(_ outcome: RequestOutcome, _ subject: Subject) {
    lastEnd = max(lastEnd, outcome.ended)
    timeline.end(since(outcome.ended))
    count(outcome)
    let isMeasured = arrivesInWindow(outcome.intended)
    delay(outcome, subject, isMeasured)
    if isMeasured { result.arrivedInWindow += 1 }
    if case .failed = outcome.status { return }
    tokens(outcome)
    guard outcome.status == .completed else { return }
    let keeps = levels.areKept(by: outcome)
    ended(outcome, subject, keeps)
    guard isMeasured else { return }
    if keeps { result.keptLevels += 1 }
    latencies(outcome)
  }

  private func since(_ time: UInt64) -> UInt64 { time > began ? time - began : 0 }

  private func arrivesInWindow(_ time: UInt64) -> Bool {
    guard let windowBegin, time >= windowBegin else { return false }
    return windowEnd.map { time <= $0 } ?? true
  }

  /// What happens just as the window begins is the yield of the time before it.
  private func happensInWindow(_ time: UInt64) -> Bool { arrivesInWindow(time) && time != windowBegin }

  private mutating func count(_ outcome: RequestOutcome) {
    if outcome.attempts > 1 { result.counts.retried += 1 }
    switch outcome.status {
    case .completed: result.counts.completed += 1
    case .cancelled: result.counts.cancelled += 1
    case .failed(let failure):
      result.counts.failed += 1
      result.lastFailure = failure.description
      if failure.kind == .timeout || failure.kind == .stalled { result.counts.timedOut += 1 }
      let name = failure.httpStatus.map { "http \($0)" } ?? failure.kind.rawValue
      result.counts.failures[name, default: 0] += 1
    }
  }

  private mutating func delay(_ outcome: RequestOutcome, _ subject: Subject, _ isMeasured: Bool) {
    guard let sent = outcome.sent else { return }
    let held = subject.heldBack ?? 0
    if subject.heldBack != nil { result.heldBack.record(held) }
    let lag = sent > outcome.intended &+ held ? sent - outcome.intended - held : 0
    if lag > Self.late { result.counts.late += 1 }
    // While connections are made, before the window, a schedule is harder to keep than it will be.
    guard isMeasured else { return }
    result.scheduleLag.record(lag)
    if lag > Self.late { result.lateInWindow += 1 }
  }

  /// Puts each chunk's tokens where they came.
  private mutating func tokens(_ outcome: RequestOutcome) {
    for choice in outcome.choices {
      guard var time = choice.firstToken else { continue }
      var chunks = ChunkTokens(choice)
      add(chunks.next(0), at: time)
      for gap in choice.gaps {
        time += gap.nanoseconds
        add(chunks.next(gap.tokens), at: time)
      }
    }
    if result.counting.isSurer(than: outcome.counting) { result.counting = outcome.counting }
  }

  private mutating func add(_ tokens: Int, at time: UInt64) {
    timeline.tokens(tokens, since(time))
    whole.outputTokens += tokens
    whole.chunks += 1
    guard happensInWindow(time) else { return }
    result.outputTokens += tokens
    result.chunks += 1
  }

  private mutating func ended(_ outcome: RequestOutcome, _ subject: Subject, _ keeps: Bool) {
    func add(_ sums: inout Sums) {
      sums.completed += 1
      if keeps { sums.good += 1 }
      sums.promptTokens += outcome.promptTokens ?? 0
      if let cached = outcome.cachedPromptTokens {
        sums.cachedPromptTokens = (sums.cachedPromptTokens ?? 0) + cached
      }
      if let wanted = subject.wantedPromptTokens, let counted = outcome.promptTokens {
        sums.wanted += wanted
        sums.counted += counted
      }
    }
    add(&whole)
    if happensInWindow(outcome.ended) { add(&windowed) }
  }

  private var windowed = Sums()

  private mutating func latencies(_ outcome: RequestOutcome) {
    let sent = outcome.sent ?? outcome.intended
    result.e2e.record(outcome.ended &- outcome.intended)
    result.serviceE2E.record(outcome.ended &- sent)
    for choice in outcome.choices {
      if let first = choice.firstToken {
        result.ttft.record(first &- outcome.intended)
        result.serviceTTFT.record(first &- sent)
      }
      for gap in choice.gaps {
        result.itl.record(gap.nanoseconds)
        let tokens = UInt64(max(1, gap.tokens))
        result.itlPerToken.record(gap.nanoseconds / tokens, count: tokens)
      }
      if let tpot = choice.tpot { result.tpot.record(UInt64(tpot)) }
    }
    skew(outcome)
    let first = outcome.choices.first
    result.requests.append(
      LoadResult.Request(
        intended: seconds(since(outcome.intended)),
        ttft: first?.firstToken.map { seconds($0 &- outcome.intended) } ?? .nan,
        tpot: first?.tpot.map { Float($0 / 1e9) } ?? .nan, e2e: seconds(outcome.ended &- outcome.intended),
        promptTokens: UInt32(clamping: outcome.promptTokens ?? 0), outputTokens: UInt32(clamping: outcome.outputTokens))
    )
  }

  private func seconds(_ nanoseconds: UInt64) -> Float { Float(Double(nanoseconds) / 1e9) }

  private mutating func skew(_ outcome: RequestOutcome) {
    let ends = outcome.choices.compactMap(\.finished)
    guard outcome.choices.count > 1, let first = ends.min(), let last = ends.max() else { return }
    result.finishSkew.record(last - first)
    for (index, choice) in outcome.choices.enumerated() {
      guard let finished = choice.finished, index < result.skewByIndex.count else { continue }
      result.skewByIndex[index].record(finished - first)
    }
  }

  /// All figures, once everything has ended.
  ///
  /// - Parameter isCut: whether the window is what is measured; the whole pass otherwise.
  func finished(at end: UInt64, isCut: Bool) -> LoadResult {
    var result = result
    result.clientTimeline = timeline.moments
    result.wallSeconds = Double(end &- began) / 1e9
    var sums = windowed
    let begin = windowBegin ?? began
    result.window = since(begin)..<since(max(begin, windowEnd ?? lastEnd))
    if !isCut || windowed.completed == 0 || result.window.isEmpty {
      sums = whole
      result.outputTokens = whole.outputTokens
      result.chunks = whole.chunks
      result.window = 0..<since(lastEnd)
      if isCut, whole.completed > 0 {
        result.remarks.append(
          "no request ended between warm-up and the last arrival, so throughputs are of the whole pass; more requests, or more time, would cut both off"
        )
      }
    }
    if let e2e = result.e2e.quantile(0.5) {
      result.isWindowShort = Double(result.window.count) < LoadResult.fewestLatencies * Double(e2e)
    }
    result.completedInWindow = sums.completed
    result.goodInWindow = sums.good
    result.promptTokens = sums.promptTokens
    result.cachedPromptTokens = sums.cachedPromptTokens
    result.wantedPromptTokens = sums.wanted
    result.countedPromptTokens = sums.counted
    return result
  }
}
