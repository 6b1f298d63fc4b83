/// How long outputs come to be, learned from those that have ended.
struct OutputLengths: Sendable {
  /// Of the last `memory` outputs, in the order of their ending, and sorted.
  private var recent: [Int] = []
  private var next = 0
  private var sorted: [Int] = []

  private static let memory = 256
  /// Fewer say nothing.
  private static let least = 16
  /// Of outputs like this one, the share that comes to no more than what is expected of it.
  private static let share = 0.9

  mutating func add(_ length: Int) {
    if recent.count < Self.memory {
      recent.append(length)
    } else {
      sorted.remove(at: Self.place(of: recent[next], in: sorted))
      recent[next] = length
      next = (next + 1) % Self.memory
    }
    sorted.insert(length, at: Self.place(of: length, in: sorted))
  }

  /// What an output that has come to `tokens` is expected to come to: what nine of ten do that came so far; the most where
  /// too few are known.
  func expected(after tokens: Int, atMost most: Int) -> Int {
    guard sorted.count >= Self.least else { return most }
    let first = Self.place(of: tokens + 1, in: sorted)
    let longer = sorted.count - first
    guard longer > 0 else { return most }
    return min(most, sorted[first + Int(Double(longer - 1) * Self.share)])
  }

  /// Of the first that is not less.
  private static func place(of length: Int, in sorted: [Int]) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < length { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
