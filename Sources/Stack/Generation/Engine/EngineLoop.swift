internal import Tokenizers

/// What the engine's thread does: it lets requests in, runs steps, and tells readers what came of them.
///
/// `@unchecked Sendable`: made by one thread and handed to the one that runs it, which alone touches it from then on.
final class EngineLoop: @unchecked Sendable {
  private let core: EngineCore
  private let door: EngineDoor
  private let tokenizer: any Tokenizer
  private let endTokens: [Int32]
  private var active: [Int: ActiveRequest] = [:]
  private var steps = 0
  /// Sinks that were told something since the last step's end.
  private var told: [any GenerationSink] = []

  init(core: EngineCore, door: EngineDoor, tokenizer: any Tokenizer, endTokens: [Int32]) {
    self.core = core
    self.door = door
    self.tokenizer = tokenizer
    self.endTokens = endTokens
  }

  /// Runs until the door is closed and ends every request then.
  func run() {
    while true {
      if !core.hasWork { door.note { $0.occupancy = core.scheduler.occupancy } }
      let mail = door.collect(waiting: !core.hasWork)
      for arrival in mail.arrivals { add(arrival) }
      for id in mail.cancelled { cancel(id) }
      if mail.isClosing { break }
      step()
      notify()
    }
    for id in active.keys.sorted() { end(id, throwing: EngineDoor.closed) }
    notify()
    door.end()
  }

  private func add(_ arrival: EngineDoor.Arrival) {
    do {
      try core.add(id: arrival.id, prompt: arrival.prompt, sampling: arrival.sampling, endTokens: endTokens)
      active[arrival.id] = ActiveRequest(arrival, endTokens: endTokens, tokenizer: tokenizer)
    } catch {
      door.freePlace()
      arrival.sink.end(of: arrival.tag, error)
      told.append(arrival.sink)
    }
  }

  private func cancel(_ id: Int) {
    guard let request = active.removeValue(forKey: id) else { return }
    core.cancel(id)
    if request.waits { door.freePlace() }
    door.note { $0.cancelledRequests += 1 }
  }

  private func step() {
    let start = ContinuousClock.now
    do throws(StepFailure) {
      guard let report = try core.step() else { return }
      let seconds = report.seconds ?? (ContinuousClock.now - start) / .seconds(1)
      // Before anyone hears of it: who reads the end of an answer finds it in the statistics.
      let totals = core.scheduler.totals
      let occupancy = core.scheduler.occupancy
      let waited = admit(since: start)
      door.note { statistics in
        statistics.add(report.statistics, seconds: seconds, totals: totals)
        statistics.generatedTokens += report.outcomes.count
        statistics.occupancy = occupancy
        for seconds in waited { statistics.queueSeconds.record(seconds) }
      }
      for (index, outcome) in report.outcomes.enumerated() {
        deliver(outcome, report.logprobs.isEmpty ? nil : report.logprobs[index])
      }
    } catch {
      let failure = GenerationError(error.description)
      door.note { $0.failedRequests += error.requests.count }
      for id in error.requests { end(id, throwing: failure) }
    }
  }

  /// Takes note of those whom the step let in that began at `start`.
  ///
  /// - Returns: the seconds that each had waited.
  private func admit(since start: ContinuousClock.Instant) -> [Double] {
    core.scheduler.admitted.compactMap { id in
      active[id]?.admitted = start
      return active[id].map { (start - $0.arrived) / .seconds(1) }
    }
  }

  private func deliver(_ outcome: TokenOutcome, _ logprob: TokenLogprob?) {
    let id = outcome.choice.request
    guard var request = active.removeValue(forKey: id) else { return }
    if request.waits {
      request.waits = false
      door.freePlace()
      let seconds = secondsRunning(request)
      door.note { statistics in
        statistics.promptTokens += request.promptTokens
        statistics.promptSeconds.record(seconds)
      }
    }
    if let sink = request.sinkToNotify(step: steps) { told.append(sink) }
    if request.take(outcome, logprob) { core.finish(outcome.choice) }
    if request.unfinished > 0 {
      active[id] = request
    } else {
      let seconds = secondsRunning(request)
      door.note { statistics in
        statistics.finishedRequests += 1
        statistics.runningSeconds.record(seconds)
      }
      request.end(cachedTokens: core.cachedTokens(ofRequest: id) ?? 0)
    }
  }

  private func secondsRunning(_ request: ActiveRequest) -> Double {
    (ContinuousClock.now - (request.admitted ?? request.arrived)) / .seconds(1)
  }

  private func end(_ id: Int, throwing error: GenerationError) {
    guard var request = active.removeValue(forKey: id) else { return }
    if request.waits { door.freePlace() }
    if let sink = request.sinkToNotify(step: steps) { told.append(sink) }
    request.end(error)
  }

  /// The step is over: readers are woken once, however much they were told.
  private func notify() {
    for sink in told { sink.stepEnded() }
    told.removeAll(keepingCapacity: true)
    steps += 1
  }
}
