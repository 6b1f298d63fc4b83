import Reports
import Statistics
import Testing

@Suite struct ServingKneeTests {
  /// Loads of a server that brings 30 tokens/s to each request up to 13.3 of them.
  private static func points(_ change: (inout KneePoint) -> Void = { _ in }) -> [KneePoint] {
    [1.0, 2, 4, 8, 16, 32].map { load in
      var point = KneePoint(load: load, throughput: min(30 * load, 400))
      point.ttftP99 = load <= 13 ? 0.08 : 0.9 * load / 16
      (point.meanRunning, point.meanWaiting, point.preemptions) = (load, 0, 0)
      (point.meanKVUsage, point.peakKVUsage) = (load / 100, load / 80)
      change(&point)
      return point
    }
  }

  private func knee(_ points: [KneePoint], _ axis: KneePoint.Axis = .concurrency) -> ServingKnee {
    ServingKnee(points, axis: axis, seed: 1)
  }

  private static let latency =
    " TTFT p99 goes from 80 ms at a concurrency of 8 to 900 ms at a concurrency of 16."

  @Test func computeIsTheCauseWhereAllRunWithMemoryToSpare() {
    let knee = knee(Self.points())
    #expect(knee.cause == .compute)
    #expect(
      knee.sentence.hasSuffix(
        "Compute is the cause: at a concurrency of 16 16 requests ran, none waited and no more than 20 % of the KV "
          + "blocks were in use." + Self.latency), "\(knee.sentence)")
    guard case .found(let corner) = knee.finding else {
      Issue.record("\(knee.finding)")
      return
    }
    #expect((12.5...14).contains(corner.x) && corner.interval != nil)
    #expect(knee.sentence.hasPrefix("Throughput stops growing at a concurrency of 13"), "\(knee.sentence)")
  }

  @Test func memoryIsTheCauseWhereItIsFull() {
    let full = knee(
      Self.points { point in
        guard point.load > 13 else { return }
        (point.peakKVUsage, point.meanKVUsage, point.meanWaiting, point.preemptions) = (0.984, 0.93, 3.21, 30)
      })
    #expect(full.cause == .kv)
    #expect(
      full.sentence.hasSuffix(
        "The KV cache is the cause: at a concurrency of 16 up to 98.4 % of its blocks were in use, 3.21 requests waited "
          + "on average and 30 were preempted." + Self.latency), "\(full.sentence)")
    // Reservations that do not fit leave blocks free.
    #expect(
      knee(Self.points { ($0.peakKVUsage, $0.meanKVUsage, $0.meanWaiting) = (0.9, 0.88, $0.load / 4) }).cause == .kv)
    #expect(knee(Self.points { $0.preemptions = $0.load > 13 ? 1 : 0 }).cause == .kv)
    // Before the knee it was not full, and behind it much later.
    #expect(knee(Self.points { $0.peakKVUsage = $0.load > 16 ? 1 : 0.5 }).cause == .compute)
  }

  @Test func slotsAreTheCauseWhereOthersWaitWithMemoryToSpare() {
    let knee = knee(Self.points { ($0.meanRunning, $0.meanWaiting) = (min($0.load, 13), max(0, $0.load - 13)) })
    #expect(knee.cause == .slots)
    #expect(
      knee.sentence.contains(
        "The number of requests that run at once (max_num_seqs, slots) is the cause: at a concurrency of 16 13 requests "
          + "ran, 3 waited on average and no more than 20 % of the KV blocks were in use."), "\(knee.sentence)")
    // llama.cpp tells no KV use, but who waits.
    let silent = Self.points {
      ($0.meanRunning, $0.meanWaiting) = (min($0.load, 13), max(0, $0.load - 13))
      ($0.peakKVUsage, $0.meanKVUsage, $0.preemptions) = (nil, nil, nil)
    }
    #expect(self.knee(silent).cause == .slots)
  }

  @Test func theClientIsTheCauseWhereItIsInDoubt() {
    let doubted = knee(Self.points { if $0.load > 13 { $0.doubts = ["the loop was busy"] } })
    #expect(doubted.cause == .client)
    #expect(doubted.sentence.contains("The client may be the cause: at a concurrency of 16 the loop was busy."))
    // What happened to the client far behind the knee is no cause of it.
    #expect(knee(Self.points { if $0.load > 16 { $0.doubts = ["busy"] } }).cause == .compute)
  }

  @Test func refusalsAreTheCauseWhereTheServerTurnsAway() {
    let refused = knee(Self.points { $0.refusedShare = $0.load > 13 ? 0.231 : 0 }, .rate)
    #expect(refused.cause == .refusals)
    #expect(
      refused.sentence.contains("The server's own limits are the cause: at 16 requests/s it turned 23.1 % away."),
      "\(refused.sentence)")
  }

  @Test func aServerThatTellsNothingLeavesTheCauseOpen() {
    let silent = knee(Self.points { ($0.peakKVUsage, $0.meanKVUsage, $0.meanWaiting) = (nil, nil, nil) })
    #expect(silent.cause == .unknown)
    #expect(silent.sentence.contains("What the cause is cannot be told, for the server does not tell of its KV use."))
  }

  @Test func rangesWithoutAKneeSaySo() {
    let growing = knee(Array(Self.points().prefix(4)))
    #expect(growing.cause == nil && growing.finding == .notReached(doubling: 1))
    #expect(
      growing.sentence
        == "Throughput grows up to the highest load measured, a concurrency of 8: twice that load would bring some 100 % more. "
        + "There is no knee within the range.")
    let flat = knee(Array(Self.points().suffix(2)) + Self.points { $0.load = 64 }.suffix(1))
    #expect(flat.finding == .before && flat.cause == .compute)
    #expect(
      flat.sentence.hasPrefix(
        "Throughput does not grow from the lowest load measured on, a concurrency of 16: the knee is there or below; "
          + "measure less load to find it. Compute is the cause: "), "\(flat.sentence)")
    #expect(
      knee(Array(Self.points().prefix(2))).sentence
        == "Where throughput stops growing cannot be told from 2 loads; measure three at least.")
    #expect(
      knee(Self.points { $0.throughput = 0 }).sentence
        == "Where throughput stops growing cannot be told, for some loads brought no tokens at all.")
  }
}
