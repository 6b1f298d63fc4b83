/// What requests in flight will take, token by token, as every output that has begun goes on by one.
///
/// An engine that batches at every iteration gives each running output a token a step, so that those who run stay side by
/// side; who has not begun may begin at any moment, and is taken for what it may have come to by then.
struct KVDemand: Sendable {
  private let forecast: KVForecast
  /// Changes of the blocks from one token to the next; one place for every token ahead.
  private var changes: [Int]
  private let horizon: Int

  /// - Parameter horizon: tokens ahead.
  init(_ forecast: KVForecast, horizon: Int) {
    self.forecast = forecast
    self.horizon = max(0, horizon)
    changes = Array(repeating: 0, count: self.horizon + 1)
  }

  private mutating func change(at place: Int, by blocks: Int) {
    if place <= horizon { changes[place] += blocks }
  }

  /// - Parameters:
  ///   - outputs: how many were asked for.
  ///   - standing: of each output that is unfinished, the tokens that have come, and those that it will come to.
  /// - Complexity: O(blocks that the outputs grow by within the horizon).
  mutating func add(prompt: Int, outputs: Int, standing: [(tokens: Int, length: Int)]) {
    guard !standing.isEmpty else { return }
    let shared = forecast.sharedBlocks(prompt: prompt, outputs: outputs)
    let hasBegun = standing.contains { $0.tokens > 0 }
    change(at: 0, by: shared)
    var last = 0
    for (index, output) in standing.enumerated() {
      let mayStay = output.tokens == 0
      // A tail that is not copied yet is one for all.
      let isBare = !hasBegun && forecast.sharing == .copyOnWrite && index > 0
      var held = forecast.blocks(forSlots: prompt + output.tokens) - shared
      if isBare {
        change(at: 1, by: held)
      } else {
        change(at: 0, by: held)
      }
      // The slots of token `ahead` from now are prompt + tokens + ahead.
      let end = max(output.tokens + 1, output.length) - output.tokens
      var ahead = forecast.blockSize - (prompt + output.tokens - 1) % forecast.blockSize
      while ahead < end, ahead <= horizon {
        change(at: ahead, by: 1)
        held += 1
        ahead += forecast.blockSize
      }
      if !mayStay { change(at: end, by: -held) }
      last = max(last, mayStay ? horizon + 1 : end)
    }
    change(at: last, by: -shared)
  }

  /// Blocks now, and the most of them within the horizon.
  var extent: (now: Int, peak: Int) {
    var blocks = 0
    var peak = 0
    for change in changes {
      blocks += change
      peak = max(peak, blocks)
    }
    return (changes[0], peak)
  }
}
