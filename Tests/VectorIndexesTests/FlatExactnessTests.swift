import Kernels
import Testing
import VectorIndexes

/// Flat answers must be those of brute force, to the last id and the last bit, whatever the data.
@Suite struct FlatExactnessTests {
  enum Shape: String, CaseIterable, CustomTestStringConvertible {
    case normal, clusteredFar, duplicates, constant, hugeAndTiny, denormal, tiny, huge, overflowing, outlierDimension
    case grid, almostEqual, oneBig

    var testDescription: String { rawValue }

    func vectors(_ count: Int, _ dimension: Int, _ random: inout SeededGenerator) -> [Float] {
      var values = random.normals(count * dimension)
      func map(_ change: (Int, Int, Float) -> Float) {
        for row in 0..<count {
          for j in 0..<dimension { values[row * dimension + j] = change(row, j, values[row * dimension + j]) }
        }
      }
      switch self {
      case .normal: break
      case .clusteredFar: map { $2 * 0.01 + Float($0 % 7) + 1000 + Float($1) }
      case .duplicates:
        for row in 0..<count {
          for j in 0..<dimension { values[row * dimension + j] = values[row % 50 * dimension + j] }
        }
      case .constant: map { _, _, _ in 0.7 }
      case .hugeAndTiny: map { row, _, x in x * [1e-30, 1, 1e10, 1e18][row % 4] }
      case .denormal: map { _, _, x in x * 0x1p-140 }
      case .tiny: map { _, _, x in x * 1e-30 }
      case .huge: map { _, _, x in x * 1e17 }
      case .overflowing: map { _, _, x in x * 1e30 }
      case .outlierDimension: map { _, j, x in j == 0 ? x * 1e4 : x }
      case .grid: map { _, _, x in x.rounded() }
      case .almostEqual: map { row, j, _ in j == row % dimension ? (1 as Float).nextUp : 1 }
      case .oneBig: map { row, _, x in row == 3 ? x * 1e12 : x }
      }
      return values
    }
  }

  @Test(arguments: Shape.allCases, [DistanceMetric.l2, .ip, .cosine])
  func answersAreBruteForce(shape: Shape, metric: DistanceMetric) throws {
    for (round, codes) in [FlatIndex.Codes.sq4, .sq8, .none].enumerated() {
      let seed = UInt64(round + 1)
      var random = SeededGenerator(seed: seed)
      let dimension = [33, 8, 20][round]
      let count = 1500
      var set = TestSet(
        dimension: dimension, metric: metric, vectors: shape.vectors(count, dimension, &random),
        ids: (0..<Int64(count)).map { $0 * 3 })
      set.ids.shuffle(using: &random)
      if metric == .cosine {
        for row in 0..<count where set.row(row).allSatisfy({ $0 == 0 }) { set.vectors[row * dimension] = 1 }
      }
      let index = try FlatIndex(dimension: dimension, metric: metric, codes: codes)
      try index.add(set)
      var queries = shape.vectors(6, dimension, &random) + random.normals(dimension) + set.row(5) + set.row(900)
      if metric == .cosine {
        for q in stride(from: 0, to: queries.count, by: dimension)
        where queries[q..<q + dimension].allSatisfy({ $0 == 0 }) {
          queries[q] = 1
        }
      }
      for k in [1, 10, 200] {
        let batch = try index.findBatch(queries, k: k)
        for q in 0..<queries.count / dimension {
          let query = Array(queries[q * dimension..<(q + 1) * dimension])
          let truth = set.exact(query, k: k)
          #expect(batch[q] == truth, "codes \(codes) seed \(seed) query \(q) k \(k)")
          if k == 10 { #expect(try index.find(query, k: k) == truth, "single, codes \(codes) seed \(seed) query \(q)") }
        }
      }
    }
  }

  @Test func aDistanceDoesNotDependOnTheRowsBesideIt() {
    var random = SeededGenerator(seed: 5)
    for dimension in [1, 7, 16, 33, 100, 384] {
      let rows = random.normals(37 * dimension)
      let query = random.normals(dimension)
      let places = (0..<37).map { Int32($0) }
      var gathered = [Float](repeating: 0, count: 37)
      Kernels.active.l2Gather(query, rows, dimension, dimension, places, 37, &gathered)
      for row in 0..<37 {
        let x = Array(rows[row * dimension..<(row + 1) * dimension])
        #expect(gathered[row] == TestSet.distance(query, x, .l2))
      }
    }
  }

  @Test func kMayExceedWhatIsThere() throws {
    let index = try FlatIndex(dimension: 2, metric: .l2)
    #expect(try index.find([0, 0], k: 3) == [.none, .none, .none])
    try index.add([1, 0, 2, 0].span, ids: [7, 3].span)
    #expect(try index.find([0, 0], k: 3) == [Neighbor(id: 7, distance: 1), Neighbor(id: 3, distance: 4), .none])
    var random = SeededGenerator(seed: 2)
    let set = TestSet(dimension: 5, metric: .ip, vectors: random.normals(5 * 1300), ids: (0..<1300).map { Int64($0) })
    let large = try FlatIndex(dimension: 5, metric: .ip)
    try large.add(set)
    #expect(try large.find(set.row(0), k: 1400) == set.exact(set.row(0), k: 1400))
  }

  @Test func threadsAndGrowthChangeNothing() throws {
    var random = SeededGenerator(seed: 9)
    let dimension = 24
    let set = TestSet(
      dimension: dimension, metric: .l2, vectors: clustered(5000, dimension: dimension, clusters: 9, random: &random),
      ids: (0..<5000).map { Int64($0) })
    let index = try FlatIndex(dimension: dimension, metric: .l2)
    var start = 0
    for size in [10, 1100, 1, 2000, 1889] {
      try index.add(
        Array(set.vectors[start * dimension..<(start + size) * dimension]).span,
        ids: Array(set.ids[start..<start + size]).span)
      start += size
    }
    let queries = clustered(600, dimension: dimension, clusters: 9, random: &random)
    let one = try index.findBatch(queries, k: 5)
    #expect(try index.findBatch(queries, k: 5, threads: 3) == one)
    for q in stride(from: 0, to: 600, by: 37) {
      #expect(one[q] == set.exact(Array(queries[q * dimension..<(q + 1) * dimension]), k: 5))
    }
    try index.optimize()
    #expect(try index.findBatch(queries, k: 5) == one)
  }

  @Test(arguments: [1, 10, 99]) func filtersStayExact(percent: Int) throws {
    var random = SeededGenerator(seed: UInt64(percent))
    let set = TestSet(
      dimension: 16, metric: .cosine, vectors: random.normals(16 * 3000), ids: (0..<3000).map { Int64($0) })
    let index = try FlatIndex(dimension: 16, metric: .cosine)
    try index.add(set)
    let filter = IDFilter(set.ids.filter { _ in Int.random(in: 0..<100, using: &random) < percent })
    for _ in 0..<5 {
      let query = random.normals(16)
      #expect(try index.find(query, k: 10, filter: filter) == set.exact(query, k: 10, filter: filter))
    }
    #expect(try index.find(set.row(0), k: 2, filter: IDFilter([5000])) == [.none, .none])
  }

  @Test func removalStaysExactAndIDsMayReturn() throws {
    var random = SeededGenerator(seed: 3)
    var set = TestSet(
      dimension: 12, metric: .l2, vectors: random.normals(12 * 2000), ids: (0..<2000).map { Int64($0) })
    let index = try FlatIndex(dimension: 12, metric: .l2)
    try index.add(set)
    let gone = set.ids.filter { $0 % 3 == 0 || $0 > 1900 }
    #expect(try index.take(gone + [-4, 90_000, 3]) == gone.count)
    #expect(try index.take(gone) == 0)
    let kept = (0..<2000).filter { !gone.contains(Int64($0)) }
    let all = set
    set.vectors = kept.flatMap { all.row($0) }
    set.ids = kept.map { Int64($0) }
    #expect(index.count == kept.count)
    let query = random.normals(12)
    #expect(try index.find(query, k: 20) == set.exact(query, k: 20))
    try index.add(all.row(3).span, ids: [3].span)
    #expect(try index.find(all.row(3), k: 1).first?.id == 3)
  }

  @Test func savedAndOpenedIsTheSame() throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 4)
    for metric in DistanceMetric.allCases {
      for count in [0, 40, 2000] {
        let set = TestSet(
          dimension: 10, metric: metric, vectors: random.normals(10 * count), ids: (0..<Int64(count)).map { $0 + 5 })
        let index = try FlatIndex(dimension: 10, metric: metric, codes: .sq8)
        try index.add(set)
        try index.save(to: folder.file("flat"))
        let opened = try FlatIndex.open(folder.file("flat"))
        let query = random.normals(10)
        #expect(opened.count == count && opened.codes == .sq8 && opened.metric == metric)
        #expect(try opened.find(query, k: 9) == index.find(query, k: 9))
        try opened.add(random.normals(10).span, ids: [2].span)
        if count > 0 { #expect(try opened.take([5]) == 1) }
        #expect(opened.count == max(count, 1))
        _ = try opened.find(query, k: 9)
      }
    }
  }
}
