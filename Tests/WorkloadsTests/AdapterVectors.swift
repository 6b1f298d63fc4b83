import Datasets

/// Seeded clusters of vectors with their exact neighbours, for tests that have to know what is right.
struct ClusteredVectors {
  let base: VectorSet
  let queries: VectorSet
  let seed: UInt64

  init(base: Int, queries: Int, dimension: Int, clusters: Int, seed: UInt64) {
    var random = SplitMix(state: seed)
    let centres = (0..<clusters * dimension).map { _ in Float.random(in: -1...1, using: &random) }
    func vectors(_ count: Int) -> [Float] {
      (0..<count).flatMap { _ in
        let cluster = Int.random(in: 0..<clusters, using: &random)
        return (0..<dimension).map {
          centres[cluster * dimension + $0] + Float.random(in: -0.4...0.4, using: &random)
        }
      }
    }
    self.base = try! VectorSet(dimension: dimension, values: vectors(base))
    self.queries = try! VectorSet(dimension: dimension, values: vectors(queries))
    self.seed = seed
  }

  /// The rows of the k nearest neighbours of every query.
  func nearest(_ k: Int, metric: DatasetMetric = .l2) -> [Set<Int64>] {
    (0..<queries.count).map { query in
      let wanted = queries.row(query)
      let distances = (0..<base.count).map { row in
        var (product, squared, norm) = (Float(0), Float(0), Float(0))
        for (x, y) in zip(wanted, base.row(row)) {
          product += x * y
          squared += (x - y) * (x - y)
          norm += y * y
        }
        return switch metric {
        case .l2: squared
        case .ip: -product
        case .cosine: -product / norm.squareRoot()
        }
      }
      return Set((0..<base.count).sorted { distances[$0] < distances[$1] }.prefix(k).map(Int64.init))
    }
  }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
