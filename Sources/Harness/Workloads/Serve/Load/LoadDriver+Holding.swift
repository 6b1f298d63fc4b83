internal import GenerationClient

/// Requests that wait for room, and how a load ends.
extension LoadDriver {
  // MARK: Admission

  /// Holds a request back where there is no room for it yet, or others wait already.
  func mustWait(_ flight: Flight) -> Bool {
    guard admission != nil else { return false }
    if held.isEmpty, admits(flight) { return false }
    flight.heldSince = client.now
    held.append(flight)
    return true
  }

  private func admits(_ flight: Flight) -> Bool {
    let load = flight.load
    if admission?.admit(
      flight.number, promptTokens: load.expectedPromptTokens, outputTokens: load.outputTokens, outputs: point.n) ?? true
    {
      return true
    }
    // What is too large for the ceiling by itself would wait for ever.
    guard flights.isEmpty else { return false }
    admission?.force(
      flight.number, promptTokens: load.expectedPromptTokens, outputTokens: load.outputTokens, outputs: point.n)
    return true
  }

  /// Sends those that there is room for now, the first held first.
  func sendHeld() {
    while let flight = held.first, phase < .ending, admits(flight) {
      held.removeFirst()
      flight.heldBack = client.now - (flight.heldSince ?? client.now)
      send(flight)
    }
  }

  /// What each part of a request calls as its tokens come.
  func progressReports(_ flight: Flight) -> [(Int) -> Void] {
    flight.tokens = Array(repeating: 0, count: flight.parts)
    return (0..<flight.parts).map { part in
      { [weak self, weak flight] tokens in
        guard let self, let flight else { return }
        flight.tokens[part] = tokens
        admission?.progress(flight.number, tokens: flight.tokens.reduce(0, +))
      }
    }
  }

  // MARK: The end

  /// Cancels what has not finished when the last request was sent long enough ago.
  func watchDrain() {
    let limit = LoadSchedule.nanoseconds(point.drainSeconds)
    let deadline = max(lastSent, client.now) &+ limit
    client.at(deadline) { [weak self] in
      guard let self, phase == .draining else { return }
      if client.now < lastSent &+ limit { watchDrain() } else { end() }
    }
  }

  /// Drops the turns of sessions that think.
  func dropWaiting() {
    let sessions = Array(waiting.values)
    waiting = [:]
    for session in sessions { collector.drop(session.turns - session.turn) }
  }

  /// Ends a run that cannot come to anything; what was to come is accounted for.
  func abandon() {
    if phase == .arriving {
      let rest = schedule.takeRest(requests)
      collector.schedule(rest)
      collector.drop(rest)
      endArrivals()
    }
    end()
  }

  private func end() {
    guard phase < .ending else { return }
    phase = .ending
    dropWaiting()
    for flight in held { collector.drop(flight.session.turns - flight.session.turn) }
    held = []
    for flight in flights.values { for handle in flight.handles { client.cancel(handle) } }
  }
}
