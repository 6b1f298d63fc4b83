import Kernels
import Testing
import VectorIndexes

/// Vectors with their ids, and the exact answer to any query over them.
struct TestSet {
  var dimension: Int
  var metric: DistanceMetric
  var vectors: [Float]
  var ids: [Int64]

  var count: Int { ids.count }

  func row(_ index: Int) -> [Float] { Array(vectors[index * dimension..<(index + 1) * dimension]) }

  /// What an index compares: the vector itself, or its direction under cosine.
  static func prepared(_ x: [Float], _ metric: DistanceMetric) -> [Float] {
    var out = x
    VectorBatch.prepare(x, dimension: x.count, metric: metric, into: &out)
    return out
  }

  static func distance(_ a: [Float], _ b: [Float], _ metric: DistanceMetric) -> Float {
    var product: Float = 0
    let kernel = metric == .l2 ? Kernels.active.l2Gather : Kernels.active.ipGather
    kernel(a, b, a.count, a.count, [0], 1, &product)
    let distance =
      switch metric {
      case .l2: product
      case .ip: -product
      case .cosine: 1 - product
      }
    return distance.isNaN ? .infinity : distance
  }

  /// The k nearest by the kernels' float32 distance, ties by smaller id; every distance computed.
  func exact(_ query: [Float], k: Int, filter: IDFilter? = nil) -> [Neighbor] {
    let query = Self.prepared(query, metric)
    var all: [Neighbor] = []
    for index in 0..<count where filter?.contains(ids[index]) ?? true {
      all.append(
        Neighbor(id: ids[index], distance: Self.distance(query, Self.prepared(row(index), metric), metric)))
    }
    all.sort { ($0.distance, $0.id) < ($1.distance, $1.id) }
    return Array((all + [Neighbor](repeating: .none, count: k)).prefix(k))
  }
}

extension VectorIndex {
  func add(_ set: TestSet) throws { try add(set.vectors.span, ids: set.ids.span) }

  // Spans inside the macros of Testing crash the optimiser of Swift 6.3.
  func insert(_ vectors: [Float], _ ids: [Int64]) throws { try add(vectors.span, ids: ids.span) }

  func learn(_ vectors: [Float]) throws { try train(vectors.span) }

  func take(_ ids: [Int64]) throws -> Int { try remove(ids: ids.span) }

  /// A search whose results have the wrong number of places.
  func findInto(places: Int, _ query: [Float], k: Int) throws {
    var few = [Neighbor](repeating: .none, count: places)
    var span = few.mutableSpan
    try search(query.span, k: k, parameters: SearchParameters(), filter: nil, into: &span)
  }

  func find(
    _ query: [Float], k: Int, parameters: SearchParameters = SearchParameters(), filter: IDFilter? = nil
  ) throws -> [Neighbor] {
    var results = [Neighbor](repeating: .none, count: max(k, 0))
    var span = results.mutableSpan
    try search(query.span, k: k, parameters: parameters, filter: filter, into: &span)
    return results
  }

  func findBatch(
    _ queries: [Float], k: Int, parameters: SearchParameters = SearchParameters(), filter: IDFilter? = nil,
    threads: Int = 1
  ) throws -> [[Neighbor]] {
    let count = queries.count / dimension
    var results = [Neighbor](repeating: .none, count: count * k)
    var span = results.mutableSpan
    try searchBatch(queries.span, k: k, parameters: parameters, filter: filter, threads: threads, into: &span)
    return (0..<count).map { Array(results[$0 * k..<($0 + 1) * k]) }
  }
}

/// The share of exact neighbours that were found.
func recall(_ found: [[Neighbor]], _ truth: [[Neighbor]]) -> Double {
  var hits = 0
  var total = 0
  for (f, t) in zip(found, truth) {
    hits += Set(f.map(\.id)).intersection(t.map(\.id)).count
    total += t.count
  }
  return Double(hits) / Double(max(total, 1))
}

/// Points round `clusters` centres, in some 10 directions more than others.
func clustered(_ count: Int, dimension: Int, clusters: Int, random: inout SeededGenerator) -> [Float] {
  let centres = (0..<clusters).map { _ in random.normals(dimension) }
  return (0..<count).flatMap { _ in
    let centre = centres.randomElement(using: &random)!
    return centre.map { $0 + 0.4 * random.normal() }
  }
}
