import Files

/// Draws clustered vectors whose intrinsic dimension is known, so that recall means something: independent Gaussian
/// noise has no near neighbours to find.
///
/// A point of cluster c is centre_c + B_c z + noise: z is nearly normal in `intrinsicDimension` directions, B_c a random
/// orthonormal frame of the cluster's own, and centres lie about as far from each other as the points of one cluster do,
/// so that clusters touch. Sizes of clusters differ up to threefold. Queries are drawn from the same law.
///
/// Only additions, multiplications, divisions and square roots are used, in a fixed order, which IEEE 754 rounds alike
/// everywhere: the same seed gives the same bytes on any machine.
struct SyntheticGenerator {
  private let parameters: SyntheticParameters
  /// `clusters × dimension`.
  private var centres: [Float] = []
  /// `clusters × intrinsicDimension × dimension`, each direction of length one.
  private var frames: [Float] = []
  /// Cumulated shares of the clusters in 2³² parts.
  private var shares: [UInt64] = []

  /// - Throws: `DataError.invalid` for parameters out of range.
  init(_ parameters: SyntheticParameters) throws {
    try parameters.check()
    self.parameters = parameters
    let dimension = parameters.dimension
    // A cluster's points are √(2m) apart in the root mean square, and so are its centre and another's.
    let spread = (Float(parameters.intrinsicDimension) / Float(dimension)).squareRoot()
    var random = Xoshiro256(seed: parameters.seed, stream: 0)
    centres = (0..<parameters.clusters * dimension).map { _ in random.normal() * spread }
    let weights = (0..<parameters.clusters).map { _ in UInt64(1 << 16) + (random.next() >> 47) }
    let total = weights.reduce(0, +)
    var sum: UInt64 = 0
    for weight in weights {
      sum += weight
      shares.append((sum << 32) / total)
    }
    frames.reserveCapacity(parameters.clusters * parameters.intrinsicDimension * dimension)
    for _ in 0..<parameters.clusters { appendFrame(&random) }
  }

  func base() throws -> VectorSet { try draw(parameters.count, stream: 1) }

  func queries() throws -> VectorSet { try draw(parameters.queries, stream: 2) }

  /// Gram and Schmidt over random directions.
  private mutating func appendFrame(_ random: inout Xoshiro256) {
    let dimension = parameters.dimension
    var frame: [[Double]] = []
    while frame.count < parameters.intrinsicDimension {
      var direction = (0..<dimension).map { _ in Double(random.normal()) }
      for other in frame {
        var dot = 0.0
        for index in 0..<dimension { dot += direction[index] * other[index] }
        for index in 0..<dimension { direction[index] -= dot * other[index] }
      }
      var square = 0.0
      for value in direction { square += value * value }
      // What is left of a direction inside the others' span is rounding.
      guard square > 1e-6 else { continue }
      let length = square.squareRoot()
      frame.append(direction.map { $0 / length })
    }
    for direction in frame { frames.append(contentsOf: direction.map { Float($0) }) }
  }

  private func draw(_ rows: Int, stream: UInt64) throws -> VectorSet {
    let dimension = parameters.dimension
    let rank = parameters.intrinsicDimension
    let scale = Float(parameters.noise) * (Float(rank) / Float(dimension)).squareRoot()
    var random = Xoshiro256(seed: parameters.seed, stream: stream)
    let values = [Float](unsafeUninitializedCapacity: rows * dimension) { buffer, count in
      centres.withUnsafeBufferPointer { centres in
        frames.withUnsafeBufferPointer { frames in
          for row in 0..<rows {
            let point = buffer.baseAddress! + row * dimension
            let cluster = cluster(of: random.next() >> 32)
            let centre = centres.baseAddress! + cluster * dimension
            for index in 0..<dimension { (point + index).initialize(to: centre[index] + scale * random.roughNormal()) }
            for axis in 0..<rank {
              let direction = frames.baseAddress! + (cluster * rank + axis) * dimension
              let z = random.normal()
              for index in 0..<dimension { point[index] += z * direction[index] }
            }
            if parameters.metric != .l2 { normalize(point, count: dimension) }
          }
        }
      }
      count = rows * dimension
    }
    return try VectorSet(dimension: dimension, values: values)
  }

  /// The cluster whose share holds a number below 2³².
  private func cluster(of number: UInt64) -> Int {
    var low = 0
    var high = shares.count - 1
    while low < high {
      let middle = (low + high) / 2
      if number < shares[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func normalize(_ point: UnsafeMutablePointer<Float>, count: Int) {
    var square = 0.0
    for index in 0..<count { square += Double(point[index]) * Double(point[index]) }
    guard square > 0 else {
      point[0] = 1
      return
    }
    let factor = Float(1 / square.squareRoot())
    for index in 0..<count { point[index] *= factor }
  }
}
