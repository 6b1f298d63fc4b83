/// The latencies that a request must keep to count for goodput, in seconds; nil: any will do. Every choice must keep its own.
package struct ServiceLevels: Sendable, Hashable {
  package var ttft: Double?
  /// Of the mean gap between a choice's chunks, which vLLM's and GuideLLM's goodput take too.
  package var itl: Double?
  package var tpot: Double?
  package var e2e: Double?

  package init(ttft: Double? = nil, itl: Double? = nil, tpot: Double? = nil, e2e: Double? = nil) {
    self.ttft = ttft
    self.itl = itl
    self.tpot = tpot
    self.e2e = e2e
  }

  package var isEmpty: Bool { ttft == nil && itl == nil && tpot == nil && e2e == nil }
}
