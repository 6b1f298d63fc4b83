import Kernels

/// Lloyd's algorithm from a k-means++ start (Arthur and Vassilvitskii, 2007): under l2 the usual, under ip spherical
/// (Dhillon and Modha, 2001), with rows assigned by inner product to centroids of length 1.
///
/// The same seed gives the same centroids on any number of threads: assignments are exact with ties by the smaller number,
/// and every centroid sums its rows in their order.
struct KMeans {
  let dimension: Int
  let clusters: Int
  /// l2 or ip.
  let metric: DistanceMetric
  var iterations = 10
  /// Rows a cluster that are looked at, drawn without replacement.
  var rowsPerCluster = 256
  var seed: UInt64 = 42
  var threads = 1

  /// Rows a cluster that the start draws its centroids from.
  private static let startRowsPerCluster = 4

  /// Centroids of `rows`.
  ///
  /// - Parameter rows: at least `clusters` rows of finite floats.
  /// - Throws: `invalidArgument` when memory is short.
  /// - Complexity: O(iterations · sample · clusters · dimension).
  func centroids(
    of rows: UnsafePointer<Float>, count: Int, pool: ObjectPool<ScanScratch>
  ) throws(VectorIndexError) -> Centroids {
    var random = SplitMix64(seed: seed)
    let sample = draw(min(count, clusters * rowsPerCluster), of: count, using: &random)
    let points = GrowableBuffer<Float>()
    var base = rows
    if sample.count < count {
      try points.resize(to: sample.count * dimension)
      for (index, row) in sample.enumerated() {
        (points.base + index * dimension).update(from: rows + row * dimension, count: dimension)
      }
      base = UnsafePointer(points.base)
    }
    var centroids = normalised(try start(base, count: sample.count, using: &random))
    let mean = ScalarQuantizer.mean(of: base, count: sample.count, dimension: dimension)
    var lists = [Int32](repeating: -1, count: sample.count)
    for _ in 0..<iterations {
      let previous = lists
      let quantizer = try CoarseQuantizer(
        centroids, dimension: dimension, metric: metric, mean: mean, keepsFloats: true)
      lists.withUnsafeMutableBufferPointer {
        quantizer.assign(base, count: sample.count, threads: threads, pool: pool, into: $0.baseAddress!)
      }
      if lists == previous { break }
      centroids = normalised(try update(base, lists: lists))
    }
    return centroids
  }

  /// Under ip, directions and lengths of the means.
  private func normalised(_ means: GrowableBuffer<Float>) -> Centroids {
    var lengths = [Float](repeating: 1, count: clusters)
    if metric == .l2 { return Centroids(vectors: means, lengths: lengths) }
    for cluster in 0..<clusters {
      let mean = means.base + cluster * dimension
      let length = Quantization.squaredNorm(mean, dimension: dimension).squareRoot()
      lengths[cluster] = Float(min(length, Double(Float.greatestFiniteMagnitude)))
      if length > 0 { Quantization.scale(mean, dimension: dimension, by: 1 / length, into: mean) }
    }
    return Centroids(vectors: means, lengths: lengths)
  }

  /// `wanted` of 0..<count in rising order.
  private func draw(_ wanted: Int, of count: Int, using random: inout SplitMix64) -> [Int] {
    if wanted == count { return Array(0..<count) }
    // Selection sampling (Knuth, volume 2, 3.4.2, algorithm S).
    var drawn: [Int] = []
    drawn.reserveCapacity(wanted)
    for row in 0..<count where Int.random(in: 0..<count - row, using: &random) < wanted - drawn.count {
      drawn.append(row)
    }
    return drawn
  }

  /// Each further centroid is a row drawn with probability proportional to its distance from those there are.
  private func start(
    _ rows: UnsafePointer<Float>, count: Int, using random: inout SplitMix64
  ) throws(VectorIndexError) -> GrowableBuffer<Float> {
    let sample = draw(min(count, clusters * Self.startRowsPerCluster), of: count, using: &random)
    let points = GrowableBuffer<Float>()
    try points.resize(to: sample.count * dimension)
    for (index, row) in sample.enumerated() {
      (points.base + index * dimension).update(from: rows + row * dimension, count: dimension)
    }
    let centroids = GrowableBuffer<Float>()
    try centroids.resize(to: clusters * dimension)
    var nearest = [Float](repeating: .infinity, count: sample.count)
    var distances = [Float](repeating: 0, count: sample.count)
    var chosen = Int.random(in: 0..<sample.count, using: &random)
    for cluster in 0..<clusters {
      let centroid = centroids.base + cluster * dimension
      centroid.update(from: points.base + chosen * dimension, count: dimension)
      Kernels.active.l2Rows(centroid, points.base, dimension, dimension, sample.count, &distances)
      var sum = 0.0
      for index in 0..<sample.count {
        nearest[index] = min(nearest[index], distances[index])
        sum += Double(nearest[index])
      }
      // All rows equal some centroid, or distances overflow: any row will do, and the update repairs what stays empty.
      guard sum > 0, sum.isFinite else {
        chosen = Int.random(in: 0..<sample.count, using: &random)
        continue
      }
      var left = Double.random(in: 0..<sum, using: &random)
      chosen = 0
      while chosen < sample.count - 1, left >= Double(nearest[chosen]) {
        left -= Double(nearest[chosen])
        chosen += 1
      }
    }
    return centroids
  }

  /// The mean of each cluster's rows; empty clusters split the largest.
  private func update(
    _ rows: UnsafePointer<Float>, lists: [Int32]
  ) throws(VectorIndexError) -> GrowableBuffer<Float> {
    var counts = [Int](repeating: 0, count: clusters)
    for list in lists { counts[Int(list)] += 1 }
    var starts = [Int](repeating: 0, count: clusters + 1)
    for cluster in 0..<clusters { starts[cluster + 1] = starts[cluster] + counts[cluster] }
    var next = starts
    var members = [Int32](repeating: 0, count: lists.count)
    for (row, list) in lists.enumerated() {
      members[next[Int(list)]] = Int32(truncatingIfNeeded: row)
      next[Int(list)] += 1
    }
    let centroids = GrowableBuffer<Float>()
    try centroids.resize(to: clusters * dimension)
    let dimension = dimension
    // Each centroid is written by the worker that has its number.
    nonisolated(unsafe) let (base, rows) = (centroids.base, rows)
    Parallel.forEach(count: clusters, threads: threads, grain: 8) { [starts, members] _, range in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) { sums in
        for cluster in range where starts[cluster] < starts[cluster + 1] {
          sums.update(repeating: 0)
          for index in starts[cluster]..<starts[cluster + 1] {
            let x = rows + Int(members[index]) * dimension
            for j in 0..<dimension { sums[j] += Double(x[j]) }
          }
          let share = 1 / Double(starts[cluster + 1] - starts[cluster])
          for j in 0..<dimension { base[cluster * dimension + j] = Float(sums[j] * share) }
        }
      }
    }
    repair(centroids.base, counts: &counts)
    return centroids
  }

  /// Gives every empty cluster half of the largest: both centroids move a little apart along every dimension.
  private func repair(_ centroids: UnsafeMutablePointer<Float>, counts: inout [Int]) {
    for empty in 0..<clusters where counts[empty] == 0 {
      var largest = 0
      for cluster in 0..<clusters where counts[cluster] > counts[largest] { largest = cluster }
      if counts[largest] < 2 { return }
      let from = centroids + largest * dimension
      let to = centroids + empty * dimension
      for j in 0..<dimension {
        let step: Float = j % 2 == 0 ? 0x1p-10 : -0x1p-10
        to[j] = from[j] * (1 + step)
        from[j] *= 1 - step
      }
      counts[empty] = counts[largest] / 2
      counts[largest] -= counts[empty]
    }
  }
}
