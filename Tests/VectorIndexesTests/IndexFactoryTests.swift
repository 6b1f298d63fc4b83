import Testing
import VectorIndexes

@Suite struct IndexFactoryTests {
  @Test(arguments: IndexFactory.kinds) func everyKindIsMadeSearchedSavedAndOpened(kind: String) throws {
    var random = SeededGenerator(seed: 21)
    let set = TestSet(
      dimension: 16, metric: .l2, vectors: clustered(400, dimension: 16, clusters: 6, random: &random),
      ids: (0..<400).map { Int64($0) })
    let parameters = kind.hasPrefix("ivf") ? ["nlist": "8"] : [:]
    let index = try IndexFactory.make(
      IndexSpecification(kind: kind, parameters: parameters), dimension: 16, metric: .l2)
    if !index.isTrained {
      #expect(throws: VectorIndexError.notTrained(kind: kind)) { try index.add(set) }
      try index.learn(set.vectors)
    }
    try index.add(set)
    try index.optimize()
    let found = try index.find(set.row(7), k: 3)
    #expect(found[0].id == 7)
    let folder = TemporaryFolder()
    try index.save(to: folder.file("index"))
    let opened = try IndexFactory.open(folder.file("index"))
    #expect(type(of: opened).kind == type(of: index).kind && opened.count == 400 && opened.dimension == 16)
    #expect(try opened.find(set.row(7), k: 3) == found)
    #expect(index.memory.total > 0)
  }

  @Test func unknownNamesGetTheNearestRightOne() throws {
    let kind = #expect(throws: VectorIndexError.self) {
      try IndexFactory.make(IndexSpecification(kind: "flatt"), dimension: 4, metric: .l2)
    }
    #expect(kind?.description.contains("did you mean flat?") == true)
    let parameter = #expect(throws: VectorIndexError.self) {
      try IndexFactory.make(IndexSpecification(kind: "flat", parameters: ["code": "sq4"]), dimension: 4, metric: .l2)
    }
    #expect(parameter?.description.contains("did you mean codes?") == true)
    #expect(throws: VectorIndexError.self) {
      try IndexFactory.make(IndexSpecification(kind: "flat", parameters: ["codes": "sq5"]), dimension: 4, metric: .l2)
    }
  }

  @Test(arguments: IndexFactory.kinds) func badInputIsRefusedAndChangesNothing(kind: String) throws {
    var random = SeededGenerator(seed: 22)
    let parameters = kind.hasPrefix("ivf") ? ["nlist": "4"] : [:]
    let index = try IndexFactory.make(
      IndexSpecification(kind: kind, parameters: parameters), dimension: 8, metric: .cosine)
    if !index.isTrained { try index.learn(random.normals(8 * 200)) }
    #expect(try index.find(random.normals(8), k: 2) == [.none, .none])
    try index.insert(random.normals(8 * 20), (0..<20).map { Int64($0) })
    let good = random.normals(8)
    var nan = good
    nan[3] = .nan
    var infinite = good
    infinite[7] = -.infinity
    let zero = [Float](repeating: 0, count: 8)
    for bad in [nan, infinite, zero] {
      #expect(throws: VectorIndexError.self) { try index.insert(good + bad, [100, 101]) }
      #expect(throws: VectorIndexError.self) { try index.find(bad, k: 2) }
    }
    #expect(throws: VectorIndexError.self) { try index.insert(Array(good.prefix(7)), [100]) }
    #expect(throws: VectorIndexError.self) { try index.insert(good, [100, 101]) }
    #expect(throws: VectorIndexError.self) { try index.insert(good, [-1]) }
    #expect(throws: VectorIndexError.duplicateID(3)) { try index.insert(good, [3]) }
    #expect(throws: VectorIndexError.duplicateID(50)) { try index.insert(good + good, [50, 50]) }
    #expect(throws: VectorIndexError.self) { try index.find(good, k: 0) }
    #expect(throws: VectorIndexError.self) { try index.find(Array(good.prefix(4)), k: 1) }
    #expect(throws: VectorIndexError.self) { try index.find(good + good, k: 1) }
    #expect(throws: VectorIndexError.self) { try index.findInto(places: 3, good, k: 4) }
    #expect(index.count == 20)
    #expect(try index.find(good, k: 40).filter { $0.id >= 0 }.count == 20)
  }
}
