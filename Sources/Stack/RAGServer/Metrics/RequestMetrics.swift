internal import Generation

/// One request's times and tokens, on their way into a server's metrics. Whoever answers the request keeps it, and hands it
/// in by `ServerMetrics.finish`.
///
/// Each output counts as a request, as vLLM counts its children; the prompt counts once.
package struct RequestMetrics: Sendable {
  struct Output: Sendable {
    var tokens = 0
    var firstToken: UInt64 = 0
    var lastToken: UInt64 = 0
    var ended: UInt64 = 0
    var reason: FinishReason?
  }

  /// Nanoseconds of a monotonic clock, as all moments here.
  let arrived: UInt64
  let maxTokens: Int?
  var outputs: [Output]
  var promptTokens: Int?
  /// Seconds between tokens of one output that the server's metrics have not taken yet.
  var gaps: [Double] = []

  /// So many gaps are taken at once, so that a token costs no lock.
  static let batch = 64

  /// - Parameters:
  ///   - outputs: how many were asked for (`n`).
  ///   - maxTokens: as asked for.
  package init(arrived: UInt64, outputs: Int, maxTokens: Int?) {
    self.arrived = arrived
    self.maxTokens = maxTokens
    self.outputs = Array(repeating: Output(), count: outputs)
  }

  mutating func take(_ event: GenerationEvent, at now: UInt64) {
    switch event {
    case .tokens(let choice, let ids, _, _):
      guard outputs.indices.contains(choice), !ids.isEmpty else { return }
      if outputs[choice].tokens == 0 {
        outputs[choice].firstToken = now
      } else {
        gaps.append(Self.seconds(from: outputs[choice].lastToken, to: now))
      }
      outputs[choice].tokens += ids.count
      outputs[choice].lastToken = now
    case .finished(let choice, let reason):
      guard outputs.indices.contains(choice) else { return }
      outputs[choice].reason = reason
      outputs[choice].ended = now
    case .usage(let prompt, _, _): promptTokens = prompt
    }
  }

  static func seconds(from start: UInt64, to end: UInt64) -> Double { end > start ? Double(end - start) / 1e9 : 0 }
}
