/// How a load ends.
extension LoadDriver {
  /// Cancels what has not finished when the last request was sent long enough ago.
  func watchDrain() {
    let limit = LoadSchedule.nanoseconds(point.drainSeconds)
    let deadline = max(lastSent, client.now) &+ limit
    client.at(deadline) { [weak self] in
      guard let self, phase == .draining else { return }
      guard client.now >= lastSent &+ limit else { return watchDrain() }
      unfinished = flights.count + held.count
      end()
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
    for flight in Array(flights.values) { for cancel in flight.cancellations { cancel() } }
  }
}
