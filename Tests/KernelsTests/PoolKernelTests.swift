import Kernels
import Testing

/// Every implementation keeps the pool that sorting gives.
@Test(arguments: Kernels.available) func poolKeepsTheSmallestKeysInOrder(name: String) throws {
  let kernel = try #require(Kernels.named(name)).poolInsert
  for seed in UInt64(0)..<200 {
    var random = SeededRandom(seed: seed)
    let capacity = Int.random(in: 1...70, using: &random)
    let places = (capacity + 7) / 8 * 8
    // Zeros, places and what an alignment of 64 bytes may take.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: (places + 8) * 8, alignment: 64)
    defer { memory.deallocate() }
    let keys = memory.bindMemory(to: UInt64.self, capacity: places + 8) + 8
    (keys - 8).update(repeating: 0, count: 8)
    keys.update(repeating: .max, count: places)
    var model: [UInt64] = []
    var nextID: Int32 = 0
    for _ in 0..<12 {
      let n = Int.random(in: 0...40, using: &random)
      // Few different scores, so that ids decide; infinities and negative zero among them.
      let scores = (0..<n).map { _ in
        [Float.infinity, -.infinity, -0.0, 0.0, Float.leastNonzeroMagnitude, -1e30].randomElement(using: &random)!
          * (Bool.random(using: &random) ? 1 : Float.random(in: 0.5...2, using: &random))
      }.map { $0.isNaN ? 3 : $0 }
      let ids = (0..<Int32(n)).map { nextID + $0 }
      nextID += Int32(n)
      let before = model
      for (score, id) in zip(scores, ids) {
        let bits = score.bitPattern
        let ordered = bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
        model.append(UInt64(ordered) << 32 | UInt64(id) << 1)
      }
      model = Array(model.sorted().prefix(capacity))
      let lowest = kernel(keys, capacity, scores, ids, n)
      #expect((0..<model.count).map { keys[$0] } == model, "seed \(seed)")
      #expect((model.count..<capacity).allSatisfy { keys[$0] == .max }, "seed \(seed)")
      let added = model.firstIndex { !before.contains($0) }
      // A key may have been inserted and have fallen out again, at or beyond the first that stayed.
      if let added { #expect(lowest == added, "seed \(seed)") }
      // Keys may be marked between calls.
      for i in 0..<model.count where Bool.random(using: &random) {
        keys[i] |= 1
        model[i] |= 1
      }
    }
  }
}
