import Testing
import VectorIndexes

@Test func filterKnowsDenseAndSparseIDs() {
  let dense = IDFilter([5, 3, 3, 64, -1])
  #expect(dense.ids == [3, 5, 64])
  #expect([3, 5, 64].allSatisfy { dense.contains($0) })
  #expect(![-1, 0, 4, 65, 1 << 40].contains { dense.contains($0) })
  let sparse = IDFilter([1 << 50, 7])
  #expect(sparse.contains(7) && sparse.contains(1 << 50) && !sparse.contains(8))
}
