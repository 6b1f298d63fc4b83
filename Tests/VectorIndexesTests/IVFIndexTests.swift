import Kernels
import Testing
import VectorIndexes

@Suite struct IVFIndexTests {
  static let dimension = 24

  static func set(_ count: Int, _ metric: DistanceMetric, seed: UInt64) -> TestSet {
    var random = SeededGenerator(seed: seed)
    var ids = (0..<Int64(count)).map { $0 * 2 + 1 }
    ids.shuffle(using: &random)
    return TestSet(
      dimension: dimension, metric: metric,
      vectors: clustered(count, dimension: dimension, clusters: 30, random: &random), ids: ids)
  }

  static func index(_ coding: IVFParameters.Coding, _ set: TestSet, _ change: (inout IVFParameters) -> Void = { _ in })
    throws -> IVFIndex
  {
    var parameters = IVFParameters(coding: coding)
    parameters.nlist = 40
    change(&parameters)
    let index = try IVFIndex(dimension: set.dimension, metric: set.metric, parameters: parameters)
    try index.learn(set.vectors)
    try index.add(set)
    return index
  }

  static func queries(_ set: TestSet, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<40).flatMap { _ in
      set.row(Int.random(in: 0..<set.count, using: &random)).map { $0 + 0.2 * random.normal() }
    }
  }

  static func truth(_ set: TestSet, _ queries: [Float], k: Int, filter: IDFilter? = nil) -> [[Neighbor]] {
    stride(from: 0, to: queries.count, by: set.dimension).map {
      set.exact(Array(queries[$0..<$0 + set.dimension]), k: k, filter: filter)
    }
  }

  @Test(arguments: DistanceMetric.allCases, [FlatIndex.Codes.sq4, .sq8, .none])
  func everyListProbedIsExact(metric: DistanceMetric, codes: FlatIndex.Codes) throws {
    let set = Self.set(3000, metric, seed: 31)
    let index = try Self.index(.flat, set) { $0.codes = codes }
    let queries = Self.queries(set, seed: 32)
    let truth = Self.truth(set, queries, k: 10)
    let all = SearchParameters(nprobe: 40)
    #expect(try index.findBatch(queries, k: 10, parameters: all) == truth)
    #expect(try index.findBatch(queries, k: 10, parameters: all, threads: 2) == truth)
    for q in 0..<10 {
      let query = Array(queries[q * set.dimension..<(q + 1) * set.dimension])
      #expect(try index.find(query, k: 10, parameters: all) == truth[q])
    }
  }

  @Test(arguments: FlatExactnessTests.Shape.allCases, DistanceMetric.allCases)
  func dataMadeToBreakBoundsDoesNot(shape: FlatExactnessTests.Shape, metric: DistanceMetric) throws {
    let dimension = 12
    for (seed, codes) in [(UInt64(1), FlatIndex.Codes.sq4), (2, .sq8)] {
      var random = SeededGenerator(seed: seed)
      var set = TestSet(
        dimension: dimension, metric: metric, vectors: shape.vectors(900, dimension, &random),
        ids: (0..<900).map { Int64($0) })
      set.ids.shuffle(using: &random)
      // Enough lists for the coarse search to use codes too.
      let index = try Self.index(.flat, set) {
        $0.nlist = 80
        $0.codes = codes
        $0.iterations = 3
      }
      let all = SearchParameters(nprobe: 80)
      let queries = (0..<6).flatMap { set.row($0 * 100) } + shape.vectors(4, dimension, &random)
      #expect(
        try index.findBatch(queries, k: 10, parameters: all) == Self.truth(set, queries, k: 10),
        "codes \(codes) seed \(seed)")
      #expect(try index.find(set.row(3), k: 10, parameters: all) == set.exact(set.row(3), k: 10))
    }
  }

  @Test(arguments: DistanceMetric.allCases) func codesDoNotChangeTheAnswerOfTheProbedLists(metric: DistanceMetric)
    throws
  {
    let set = Self.set(3000, metric, seed: 33)
    let queries = Self.queries(set, seed: 34)
    let plain = try Self.index(.flat, set) { $0.codes = .none }
    for codes in [FlatIndex.Codes.sq4, .sq8] {
      let index = try Self.index(.flat, set) { $0.codes = codes }
      for nprobe in [1, 3, 9] {
        let parameters = SearchParameters(nprobe: nprobe)
        let expected = try plain.findBatch(queries, k: 12, parameters: parameters)
        #expect(try index.findBatch(queries, k: 12, parameters: parameters) == expected)
        for q in 0..<5 {
          let query = Array(queries[q * set.dimension..<(q + 1) * set.dimension])
          #expect(try index.find(query, k: 12, parameters: parameters) == expected[q])
        }
      }
    }
  }

  @Test(arguments: [IVFParameters.Coding.sq8, .sq4, .pq], DistanceMetric.allCases)
  func codedListsFindMostAndReRankingFindsNearlyAll(coding: IVFParameters.Coding, metric: DistanceMetric) throws {
    let set = Self.set(3000, metric, seed: 35)
    let queries = Self.queries(set, seed: 36)
    let truth = Self.truth(set, queries, k: 10)
    let all = SearchParameters(nprobe: 40)
    let bare = try Self.index(coding, set) {
      $0.originals = .none
      $0.pqM = 12
    }
    #expect(
      recall(try bare.findBatch(queries, k: 10, parameters: all), truth) > [.sq8: 0.95, .sq4: 0.6, .pq: 0.3][coding]!)
    for originals in [IVFParameters.Originals.f32, .f16] {
      let index = try Self.index(coding, set) {
        $0.originals = originals
        $0.pqM = 12
        $0.rerank = coding == .pq ? 100 : 0
      }
      let found = try index.findBatch(queries, k: 10, parameters: all)
      #expect(recall(found, truth) > (originals == .f32 ? 0.97 : 0.95))
      if originals == .f32 {
        for (f, t) in zip(found, truth) where f.map(\.id) == t.map(\.id) { #expect(f == t) }
      }
      #expect(bare.memory.total < index.memory.total)
    }
  }

  @Test(arguments: [1, 10, 99]) func filtersHoldInEveryList(percent: Int) throws {
    let set = Self.set(3000, .l2, seed: 37)
    var random = SeededGenerator(seed: UInt64(percent))
    let filter = IDFilter(set.ids.filter { _ in Int.random(in: 0..<100, using: &random) < percent })
    let queries = Self.queries(set, seed: 38)
    let index = try Self.index(.flat, set)
    let all = SearchParameters(nprobe: 40)
    let truth = Self.truth(set, queries, k: 10, filter: filter)
    #expect(try index.findBatch(queries, k: 10, parameters: all, filter: filter) == truth)
    let coded = try Self.index(.sq4, set)
    #expect(recall(try coded.findBatch(queries, k: 10, parameters: all, filter: filter), truth) > 0.98)
  }

  @Test func rowsComeInBatchesAndGoAgain() throws {
    var set = Self.set(3000, .l2, seed: 39)
    let queries = Self.queries(set, seed: 40)
    var parameters = IVFParameters(coding: .flat)
    parameters.nlist = 40
    parameters.nprobe = 40
    let index = try IVFIndex(dimension: set.dimension, metric: .l2, parameters: parameters)
    try index.learn(set.vectors)
    var start = 0
    for size in [1500, 100, 1, 99, 300, 1000] {
      try index.insert(
        Array(set.vectors[start * set.dimension..<(start + size) * set.dimension]), Array(set.ids[start..<start + size])
      )
      start += size
      let part = TestSet(
        dimension: set.dimension, metric: .l2, vectors: Array(set.vectors.prefix(start * set.dimension)),
        ids: Array(set.ids.prefix(start)))
      #expect(try index.findBatch(queries, k: 7) == Self.truth(part, queries, k: 7), "after \(start) rows")
      // Takes some away and brings them back, so that gaps and short chains are searched too.
      let gone = part.ids.filter { $0 % 5 == 1 }
      #expect(try index.take(gone) == gone.count)
      let stays = (0..<start).filter { part.ids[$0] % 5 != 1 }
      let rest = TestSet(
        dimension: set.dimension, metric: .l2, vectors: stays.flatMap { part.row($0) }, ids: stays.map { part.ids[$0] })
      #expect(index.count == rest.count)
      #expect(try index.findBatch(queries, k: 7) == Self.truth(rest, queries, k: 7))
      let back = (0..<start).filter { part.ids[$0] % 5 == 1 }
      try index.insert(back.flatMap { part.row($0) }, back.map { part.ids[$0] })
    }
    #expect(try index.findBatch(queries, k: 7) == Self.truth(set, queries, k: 7))
    try index.optimize()
    #expect(try index.findBatch(queries, k: 7) == Self.truth(set, queries, k: 7))
    #expect(try index.take(set.ids) == 3000)
    #expect(try index.find(set.row(0), k: 2) == [.none, .none])
    set.ids = [4]
    try index.insert(set.row(0), [4])
    #expect(try index.find(set.row(0), k: 2)[0].id == 4)
  }

  @Test(arguments: IVFParameters.Coding.allCases) func savedAndOpenedIsTheSame(coding: IVFParameters.Coding) throws {
    let folder = TemporaryFolder()
    for metric in DistanceMetric.allCases {
      let set = Self.set(1200, metric, seed: 41)
      let index = try Self.index(coding, set)
      _ = try index.take(Array(set.ids.prefix(9)))
      try index.save(to: folder.file("ivf"))
      let opened = try IVFIndex.open(folder.file("ivf"))
      let queries = Self.queries(set, seed: 42)
      #expect(opened.count == 1191 && opened.parameters == index.parameters)
      let before = try index.findBatch(queries, k: 6)
      #expect(try opened.findBatch(queries, k: 6) == before)
      try opened.insert(set.row(0), [set.ids[0]])
      #expect(try opened.take([set.ids[0]]) == 1)
      #expect(try opened.findBatch(queries, k: 6) == before)
    }
    let untrained = try IVFIndex(dimension: 3, metric: .ip, parameters: IVFParameters(coding: coding))
    try untrained.save(to: folder.file("empty"))
    #expect(try !IVFIndex.open(folder.file("empty")).isTrained)
  }

  @Test func aDamagedIndexIsNeverOpened() throws {
    let folder = TemporaryFolder()
    let set = Self.set(300, .l2, seed: 43)
    try Self.index(.sq4, set) { $0.nlist = 5 }.save(to: folder.file("ivf"))
    let whole = try folder.bytes("ivf")
    var random = SeededGenerator(seed: 44)
    for _ in 0..<200 {
      var damaged = whole
      damaged[Int.random(in: 0..<whole.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      try folder.write(damaged, "damaged")
      #expect(throws: VectorIndexError.self) { try IndexFactory.open(folder.file("damaged")) }
    }
    for _ in 0..<40 {
      try folder.write(Array(whole.prefix(Int.random(in: 0..<whole.count, using: &random))), "short")
      #expect(throws: VectorIndexError.self) { try IndexFactory.open(folder.file("short")) }
    }
  }

  @Test func numbersOutOfRangeAreRefused() throws {
    let set = Self.set(60, .l2, seed: 45)
    for parameters in [["nlist": "0"], ["nlist": "x"], ["nprobe": "0"], ["originals": "f64"], ["originals": "none"]] {
      #expect(throws: VectorIndexError.self, "\(parameters)") {
        try IndexFactory.make(IndexSpecification(kind: "ivf", parameters: parameters), dimension: 4, metric: .l2)
      }
    }
    let index = try IndexFactory.make(
      IndexSpecification(kind: "ivf", parameters: ["nlist": "61"]), dimension: set.dimension, metric: .l2)
    let tooFew = #expect(throws: VectorIndexError.self) { try index.learn(set.vectors) }
    #expect(tooFew?.description.contains("nlist is 61 and there are 60") == true)
    #expect(throws: VectorIndexError.notTrained(kind: "ivf")) { try index.find(set.row(0), k: 1) }
    let trained = try Self.index(.flat, set)
    #expect(throws: VectorIndexError.self) { try trained.learn(set.vectors) }
    #expect(throws: VectorIndexError.self) {
      try trained.find(set.row(0), k: 1, parameters: SearchParameters(nprobe: -1))
    }
    #expect(try trained.find(set.row(0), k: 1, parameters: SearchParameters(nprobe: 1_000_000))[0].id == set.ids[0])
  }
}
