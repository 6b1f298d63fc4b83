import Kernels
import Testing

@Suite struct TopKTests {
  private func nearest(_ pairs: [(Float, Int32)], k: Int, capacity: Int? = nil) -> [(Float, Int32)] {
    let capacity = capacity ?? k
    let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, capacity))
    defer { keys.deallocate() }
    var top = TopK(keys: keys, capacity: capacity)
    top.push(0, row: 0)
    top.reset(k: k)
    for (distance, row) in pairs { top.push(distance, row: row) }
    let found = top.finish()
    return (0..<found).map { (top.distance(at: $0), top.row(at: $0)) }
  }

  private func sorted(_ pairs: [(Float, Int32)], k: Int) -> [(Float, Int32)] {
    Array(pairs.filter { !$0.0.isNaN }.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }.prefix(k))
  }

  @Test(arguments: [0, 1, 2, 3, 10, 100, 1000]) func agreesWithSortingTiesIncluded(k: Int) {
    for seed in UInt64(1)...20 {
      var random = SeededRandom(seed: seed)
      let n = Int.random(in: 0...1500, using: &random)
      let levels = [3, 50, 1_000_000].randomElement(using: &random) ?? 3
      let pairs = (0..<n).map { (Float(Int.random(in: -levels...levels, using: &random)) / 8, Int32($0)) }
        .shuffled(using: &random)
      let got = nearest(pairs, k: k, capacity: k + Int(seed))
      #expect(got.elementsEqual(sorted(pairs, k: k), by: ==), "seed \(seed)")
    }
  }

  @Test func ordersUnusualFloats() {
    let pairs: [(Float, Int32)] = [
      (.nan, 0), (.infinity, 1), (-.infinity, 2), (0, 4), (-0.0, 3), (-0.0, 5), (.leastNonzeroMagnitude, 6),
      (-.leastNonzeroMagnitude, 7), (.greatestFiniteMagnitude, 8), (-.nan, 9), (.infinity, .max),
    ]
    for k in 0...12 { #expect(nearest(pairs, k: k).elementsEqual(sorted(pairs, k: k), by: ==), "k \(k)") }
  }

  @Test func thresholdIsTheKthDistanceOnceThereAreK() {
    let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: 3)
    defer { keys.deallocate() }
    var top = TopK(keys: keys, capacity: 3)
    for (distance, expected) in [(Float(5), Float.infinity), (4, .infinity), (9, 9), (1, 5), (7, 5), (2, 4)] {
      top.push(distance, row: 1)
      #expect(top.threshold == expected)
    }
    #expect(top.selectionBound == Float(4).nextUp)
    top.reset(k: 0)
    top.push(-1, row: 0)
    #expect(top.finish() == 0)
  }

  @Test func mergingEqualsCollectingAtOnce() {
    for seed in UInt64(1)...10 {
      var random = SeededRandom(seed: seed)
      let pairs = (0..<400).map { (Float(Int.random(in: 0...60, using: &random)), Int32($0)) }
      let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: 48)
      defer { memory.deallocate() }
      var parts = (0..<3).map { TopK(keys: memory + $0 * 16, capacity: 16) }
      for (distance, row) in pairs { parts[Int.random(in: 0..<3, using: &random)].push(distance, row: row) }
      var whole = parts[0]
      whole.merge(parts[1])
      whole.merge(parts[2])
      let found = whole.finish()
      let got = (0..<found).map { (whole.distance(at: $0), whole.row(at: $0)) }
      #expect(got.elementsEqual(sorted(pairs, k: 16), by: ==), "seed \(seed)")
    }
  }
}
