internal import GenerationClient

/// Requests that wait until the server has room for them.
extension LoadDriver {
  /// Holds a request back where there is no room for it yet, or others wait already.
  func mustWait(_ flight: Flight) -> Bool {
    guard admission != nil else { return false }
    if held.isEmpty, admits(flight) { return false }
    flight.heldSince = client.now
    held.append(flight)
    return true
  }

  private func admits(_ flight: Flight) -> Bool {
    let request = KVAdmission.Request(
      id: flight.number, promptTokens: flight.load.expectedPromptTokens, outputs: point.n,
      maxTokens: flight.load.outputTokens, isExact: requests.shape.outputLengths == .fixed)
    guard admission?.admits(request) ?? true else { return false }
    admission?.started(request)
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

  /// What a part of a request tells as its tokens come.
  func report(_ flight: Flight, part: Int) -> (LoadProgress) -> Void {
    if flight.tokens.isEmpty { flight.tokens = Array(repeating: 0, count: point.n) }
    return { [weak self, weak flight] progress in
      guard let self, let flight else { return }
      let output = part + progress.output
      guard flight.tokens.indices.contains(output) else { return }
      flight.tokens[output] += progress.tokens
      if progress.hasEnded {
        admission?.finished(id: flight.number, output: output, tokens: flight.tokens[output])
        sendHeld()
      } else {
        admission?.progress(id: flight.number, output: output, tokens: flight.tokens[output])
      }
    }
  }

  /// The server has said how full it is.
  func take(_ sample: ServerSample) {
    guard admission != nil else { return }
    admission?.observe(sample)
    sendHeld()
  }
}
