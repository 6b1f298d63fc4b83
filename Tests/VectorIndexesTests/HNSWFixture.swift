import Testing
import VectorIndexes

/// Seeded clustered vectors of low intrinsic dimension, with queries of the same kind and brute-force answers.
struct HNSWFixture {
  let dimension: Int
  let metric: DistanceMetric
  let vectors: [Float]
  let ids: [Int64]
  let queries: [[Float]]

  init(
    seed: UInt64, count: Int = 3000, dimension: Int = 48, metric: DistanceMetric = .l2, queries queryCount: Int = 50,
    ids: [Int64]? = nil
  ) {
    var random = SeededGenerator(seed: seed)
    func uniform() -> Float { Float.random(in: -1...1, using: &random) }
    let latent = 8
    let mixing = (0..<latent * dimension).map { _ in uniform() }
    let centres = (0..<60).map { _ in (0..<latent).map { _ in uniform() * 2 } }
    func draw() -> [Float] {
      let centre = centres[Int.random(in: 0..<centres.count, using: &random)]
      let point = centre.map { $0 + uniform() * 0.8 }
      return (0..<dimension).map { j in
        (0..<latent).reduce(uniform() * 0.2 + 0.5) { $0 + point[$1] * mixing[$1 * dimension + j] }
      }
    }
    self.dimension = dimension
    self.metric = metric
    vectors = (0..<count).flatMap { _ in draw() }
    queries = (0..<queryCount).map { _ in draw() }
    self.ids = ids ?? (0..<Int64(count)).map { $0 }
  }

  /// The same queries and ids over other vectors.
  init(_ other: HNSWFixture, vectors: [Float]) {
    dimension = other.dimension
    metric = other.metric
    self.vectors = vectors
    ids = other.ids
    queries = other.queries
  }

  var count: Int { ids.count }

  func vector(_ row: Int) -> [Float] { Array(vectors[row * dimension..<(row + 1) * dimension]) }

  func index(_ kind: String, _ parameters: [String: String] = [:]) throws -> HNSWIndex {
    var all = ["ef_construction": "100"]
    all.merge(parameters) { $1 }
    return try HNSWIndex.make(kind: kind, dimension: dimension, metric: metric, parameters: all)
  }

  /// The index with every vector added in one batch.
  func built(_ kind: String, _ parameters: [String: String] = [:], optimized: Bool = true) throws -> HNSWIndex {
    let index = try index(kind, parameters)
    try index.add(vectors.span, ids: ids.span)
    if optimized { try index.optimize() }
    return index
  }

  func distance(_ query: [Float], _ row: Int) -> Double {
    var product = 0.0
    var squared = 0.0
    var queryNorm = 0.0
    var rowNorm = 0.0
    for j in 0..<dimension {
      let a = Double(query[j])
      let b = Double(vectors[row * dimension + j])
      product += a * b
      squared += (a - b) * (a - b)
      queryNorm += a * a
      rowNorm += b * b
    }
    return switch metric {
    case .l2: squared
    case .ip: -product
    case .cosine: 1 - product / (queryNorm * rowNorm).squareRoot()
    }
  }

  /// The k nearest ids by brute force in double precision.
  func exact(_ query: [Float], k: Int, where allowed: (Int64) -> Bool = { _ in true }) -> [Int64] {
    (0..<count).filter { allowed(ids[$0]) }.map { ($0, distance(query, $0)) }
      .sorted { $0.1 < $1.1 }.prefix(k).map { ids[$0.0] }
  }

  /// Share of the exact k nearest that the index returns, over all queries.
  func recall(
    _ index: HNSWIndex, k: Int = 10, ef: Int = 100, filter: IDFilter? = nil,
    where allowed: (Int64) -> Bool = { _ in true }
  ) throws -> Double {
    var hits = 0
    var total = 0
    for query in queries {
      let truth = Set(exact(query, k: k, where: allowed))
      let found = try index.neighbors(query, k: k, ef: ef, filter: filter)
      hits += found.count { truth.contains($0.id) }
      total += truth.count
    }
    return Double(hits) / Double(total)
  }
}

extension HNSWIndex {
  func neighbors(_ query: [Float], k: Int, ef: Int = 0, rerank: Int = 0, filter: IDFilter? = nil) throws -> [Neighbor] {
    var results = [Neighbor](repeating: .none, count: max(0, k))
    var span = results.mutableSpan
    try search(
      query.span, k: k, parameters: SearchParameters(ef: ef, rerank: rerank), filter: filter, into: &span)
    return results
  }
}
