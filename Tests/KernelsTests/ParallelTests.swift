import Kernels
import Synchronization
import Testing

@Suite struct ParallelTests {
  @Test func coversEveryIndexOnceWithinTheBounds() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<300 {
      let count = Int.random(in: 0...200, using: &random)
      let threads = Int.random(in: -1...6, using: &random)
      let grain = Int.random(in: -1...40, using: &random)
      let seen = Mutex((hits: [Int](repeating: 0, count: count), workers: Set<Int>(), longest: 0))
      Parallel.forEach(count: count, threads: threads, grain: grain) { worker, range in
        seen.withLock {
          for index in range { $0.hits[index] += 1 }
          $0.workers.insert(worker)
          $0.longest = max($0.longest, range.count)
        }
      }
      seen.withLock {
        #expect($0.hits.allSatisfy { $0 == 1 }, "count \(count), threads \(threads), grain \(grain)")
        #expect($0.workers.allSatisfy { (0..<max(1, threads)).contains($0) })
        #expect($0.longest <= max(1, grain))
      }
    }
  }

  @Test func oneThreadRunsInOrder() {
    let starts = Mutex<[Int]>([])
    Parallel.forEach(count: 10, threads: 1, grain: 4) { worker, range in
      #expect(worker == 0)
      starts.withLock { $0.append(range.lowerBound) }
    }
    #expect(starts.withLock { $0 } == [0, 4, 8])
  }

  @Test func noWorkerRunsTwoPiecesAtOnce() {
    let inside = Mutex([Bool](repeating: false, count: 4))
    Parallel.forEach(count: 2_000, threads: 4) { worker, _ in
      inside.withLock {
        #expect(!$0[worker])
        $0[worker] = true
      }
      inside.withLock { $0[worker] = false }
    }
  }

  @Test func nestedCallsFinish() {
    let total = Atomic(0)
    Parallel.forEach(count: 20, threads: 3) { _, outer in
      Parallel.forEach(count: 50, threads: 3) { _, inner in
        _ = total.add(outer.count * inner.count, ordering: .relaxed)
      }
    }
    #expect(total.load(ordering: .relaxed) == 1_000)
  }

  @Test func concurrentCallersAllFinish() async {
    let sums = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let sum = Atomic(0)
          for _ in 0..<100 {
            Parallel.forEach(count: 30, threads: 3, grain: 4) { _, range in
              _ = sum.add(range.count, ordering: .relaxed)
            }
          }
          return sum.load(ordering: .relaxed)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == [Int](repeating: 3_000, count: 8))
  }

  @Test func largestCountDoesNotOverflow() {
    let count = Atomic(0)
    Parallel.forEach(count: .max, threads: 2, grain: .max - 1) { _, range in
      _ = count.add(range.count, ordering: .relaxed)
    }
    #expect(count.load(ordering: .relaxed) == .max)
  }
}
