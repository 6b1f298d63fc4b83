import Dispatch
import Kernels
import Synchronization
import Testing
import VectorIndexes

/// Searches and changes at once: every answer is that of some moment between the changes.
@Suite struct IndexConcurrencyTests {
  private final class Progress: Sendable {
    let done = Atomic(false)
    let searched = Atomic(0)
    let failed = Atomic(false)
  }

  /// Adds the rows from the thousandth on and removes every third of them.
  private static func change(_ index: any VectorIndex, _ set: TestSet, _ progress: Progress) -> Bool {
    defer { progress.done.store(true, ordering: .releasing) }
    for start in stride(from: 1000, to: 3000, by: 250) {
      let rows = start..<start + 250
      guard (try? index.insert(rows.flatMap { set.row($0) }, rows.map { Int64($0) })) != nil,
        (try? index.take(rows.filter { $0 % 3 == 0 }.map { Int64($0) })) != nil
      else { return false }
    }
    return (try? index.optimize()) != nil
  }

  /// Looks for rows below the thousandth until the changes are done.
  private static func search(_ index: any VectorIndex, _ set: TestSet, _ progress: Progress, worker: Int) -> Bool {
    var random = SeededGenerator(seed: UInt64(worker))
    repeat {
      let row = Int.random(in: 0..<1000, using: &random)
      guard let found = try? index.find(set.row(row), k: 3), found[0].id == Int64(row),
        found.allSatisfy({ (0..<3000).contains($0.id) && $0.distance >= 0 })
      else { return false }
      progress.searched.add(1, ordering: .relaxed)
    } while !progress.done.load(ordering: .acquiring)
    return true
  }

  @Test(arguments: ["flat", "ivf", "ivf-sq8", "ivf-pq"]) func searchesRunWhileRowsComeAndGo(kind: String) throws {
    var random = SeededGenerator(seed: 61)
    let set = TestSet(
      dimension: 16, metric: .l2, vectors: clustered(3000, dimension: 16, clusters: 20, random: &random),
      ids: (0..<3000).map { Int64($0) })
    var parameters: [String: String] = [:]
    if kind != "flat" { parameters = ["nlist": "20", "nprobe": "20", "originals": "f32"] }
    // Codes this coarse find a row itself only among many candidates.
    if kind == "ivf-pq" { parameters.merge(["pq_m": "16", "rerank": "200"]) { $1 } }
    let index = try IndexFactory.make(
      IndexSpecification(kind: kind, parameters: parameters), dimension: 16, metric: .l2)
    try index.learn(set.vectors)
    // The first thousand rows stay throughout, so that each of them must always find itself.
    try index.insert(Array(set.vectors.prefix(16 * 1000)), Array(set.ids.prefix(1000)))
    let progress = Progress()
    // Iterations are handed out in order, so that the one that ends the others is running before they are.
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      let passed = worker == 0 ? Self.change(index, set, progress) : Self.search(index, set, progress, worker: worker)
      if !passed { progress.failed.store(true, ordering: .relaxed) }
    }
    let failed = progress.failed.load(ordering: .relaxed)
    #expect(!failed)
    #expect(index.count == 1000 + (1000..<3000).filter { $0 % 3 != 0 }.count)
    let searched = progress.searched.load(ordering: .relaxed)
    #expect(searched >= 3)
  }
}
