package import Generation
internal import Synchronization

/// What a server counts of its requests, for `/metrics`; the engine counts the rest (`EngineStatistics`).
///
/// Names, types, labels and bounds are vLLM V1's, so that dashboards made for it show this server too.
package final class ServerMetrics: Sendable {
  /// Why a request was turned away before it came to the engine.
  package enum Rejection: String, Sendable, CaseIterable {
    /// As many wait as may.
    case queue
    /// As many are under way as may.
    case concurrency
    /// The server is about to stop.
    case draining
  }

  /// How a request ended for which no output gave a reason.
  package enum Ending: Sendable {
    /// All outputs have finished.
    case complete
    /// The client went away, or was sent away.
    case cancelled
    case failed
  }

  struct State {
    var timeToFirstToken = BoundedCounts(bounds: Bounds.firstToken)
    var interTokenLatency = BoundedCounts(bounds: Bounds.tokens)
    var timePerOutputToken = BoundedCounts(bounds: Bounds.tokens)
    var endToEnd = BoundedCounts(bounds: BoundedCounts.requestSeconds)
    var decodeTime = BoundedCounts(bounds: BoundedCounts.requestSeconds)
    var promptTokens = BoundedCounts(bounds: Bounds.lengths)
    var generationTokens = BoundedCounts(bounds: Bounds.lengths)
    var longestOutput = BoundedCounts(bounds: Bounds.lengths)
    var maxTokens = BoundedCounts(bounds: Bounds.lengths)
    var outputs = BoundedCounts(bounds: [1, 2, 5, 10, 20])
    /// By vLLM's `finished_reason`.
    var finished = ["stop": 0, "length": 0, "abort": 0, "error": 0]
    var rejections: [Rejection: Int] = [:]
    var slowReaders = 0
    var goneClients = 0
    var answers: [Answer: Int] = [:]
  }

  struct Answer: Hashable {
    var handler: String
    var method: String
    var status: String
  }

  /// vLLM V1's.
  enum Bounds {
    static let firstToken = [
      0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
    ]
    static let tokens = [
      0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
    ]
    static let lengths = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
  }

  let model: String
  let state = Mutex(State())

  /// - Parameter model: the name under which it is served.
  package init(model: String) { self.model = model }

  /// Takes note of an event of a request that is told its client at `now`.
  ///
  /// - Complexity: O(1); one of 64 gaps between tokens takes a lock.
  package func observe(_ event: GenerationEvent, of request: inout RequestMetrics, at now: UInt64) {
    request.take(event, at: now)
    guard request.gaps.count >= RequestMetrics.batch else { return }
    takeGaps(of: &request)
  }

  /// Takes in a request that is over.
  ///
  /// - Parameter now: see `RequestMetrics`.
  package func finish(_ request: inout RequestMetrics, _ ending: Ending, at now: UInt64) {
    takeGaps(of: &request)
    state.withLock { [request] state in state.add(request, ending, at: now) }
  }

  private func takeGaps(of request: inout RequestMetrics) {
    state.withLock { [request] state in
      for gap in request.gaps { state.interTokenLatency.record(gap) }
    }
    request.gaps.removeAll(keepingCapacity: true)
  }

  package func rejected(_ reason: Rejection) { state.withLock { $0.rejections[reason, default: 0] += 1 } }

  /// A client was sent away because it read too slowly.
  package func droppedSlowReader() { state.withLock { $0.slowReaders += 1 } }

  /// A client went away before its answer was complete.
  package func clientLeft() { state.withLock { $0.goneClients += 1 } }

  /// An answer's head has gone out.
  ///
  /// - Parameter handler: the route, one of few: every other value makes a series of its own.
  package func answered(handler: String, method: String, status: Int) {
    let answer = Answer(handler: handler, method: method, status: "\(status / 100)xx")
    state.withLock { $0.answers[answer, default: 0] += 1 }
  }
}

extension ServerMetrics.State {
  fileprivate mutating func add(_ request: RequestMetrics, _ ending: ServerMetrics.Ending, at now: UInt64) {
    outputs.record(Double(request.outputs.count))
    if let most = request.maxTokens { maxTokens.record(Double(most)) }
    if let tokens = request.promptTokens { promptTokens.record(Double(tokens)) }
    longestOutput.record(Double(request.outputs.map(\.tokens).max() ?? 0))
    for output in request.outputs {
      let reason = output.reason?.rawValue ?? (ending == .failed ? "error" : "abort")
      finished[reason, default: 0] += 1
      endToEnd.record(
        RequestMetrics.seconds(from: request.arrived, to: output.reason == nil ? now : output.ended))
      generationTokens.record(Double(output.tokens))
      guard output.tokens > 0 else { continue }
      timeToFirstToken.record(RequestMetrics.seconds(from: request.arrived, to: output.firstToken))
      let decoding = RequestMetrics.seconds(from: output.firstToken, to: output.lastToken)
      decodeTime.record(decoding)
      if output.tokens > 1 { timePerOutputToken.record(decoding / Double(output.tokens - 1)) }
    }
  }
}
