import Kernels

/// The centroids of an IVF index, searched exactly on 8-bit codes with float32 checks (`DiscardBound`).
///
/// Under ip and cosine centroids are directions (spherical k-means), so that a wide list, whose mean is short, is not passed
/// over; rows are then measured from the direction times the length of the list's mean.
final class CoarseQuantizer: @unchecked Sendable {  // not changed after init
  let dimension: Int
  let count: Int
  /// What codes of centroids, rows and queries are measured from.
  let mean: [Float]
  let quantizer: ScalarQuantizer
  let learnt: Centroids
  /// Ids are list numbers.
  private let store: RowStore
  private let meanVector: UnsafeMutablePointer<Float>
  private let meanReference: RowReference
  let lists: [CentroidTerms]

  /// Codes pay from here.
  private static let codedFrom = 64

  init(_ learnt: Centroids, dimension: Int, metric: DistanceMetric, mean: [Float]) throws(VectorIndexError) {
    self.dimension = dimension
    self.learnt = learnt
    self.mean = mean
    let centroids = learnt.vectors
    let count = centroids.count / dimension
    self.count = count
    // Queries are normalised before they come here: under cosine they are compared by ip.
    let metric = metric == .l2 ? DistanceMetric.l2 : .ip
    quantizer = ScalarQuantizer(layout: .bits8, metric: metric, mean: mean, scaleRule: .leastSquares)
    meanVector = .allocate(capacity: dimension)
    meanVector.initialize(from: mean, count: dimension)
    let meanNorm = Quantization.squaredNorm(meanVector, dimension: dimension).squareRoot() * (1 + 0x1p-40)
    meanReference = RowReference(vector: UnsafePointer(meanVector), gap: 0, norm: meanNorm)
    let ids = GrowableBuffer<Int64>()
    try ids.resize(to: count)
    for list in 0..<count { ids[list] = Int64(list) }
    store = RowStore(
      dimension: dimension, metric: metric, originals: .f32, codec: .none, bounded: true, floats: centroids, ids: ids,
      count: count)
    let vector = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
    defer { vector.deallocate() }
    var lists: [CentroidTerms] = []
    for list in 0..<count {
      learnt.copyReference(list, dimension: dimension, into: vector)
      var gap = 0.0
      for j in 0..<dimension {
        let difference = Double(vector[j]) - Double(mean[j])
        gap += difference * difference
      }
      let squaredNorm = Quantization.squaredNorm(vector, dimension: dimension)
      lists.append(
        CentroidTerms(
          length: learnt.lengths[list], gap: gap.squareRoot() * (1 + 0x1p-40),
          norm: squaredNorm.squareRoot() * (1 + 0x1p-40), squaredNorm: squaredNorm))
    }
    self.lists = lists
    if count < Self.codedFrom { return }
    try store.recode(.scalar(quantizer), bounded: true)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
      for list in 0..<count {
        store.encode(
          centroids.base + list * dimension, reference: meanReference, at: list, scratch: bytes.baseAddress!)
      }
    }
  }

  /// What rows of the list are measured from, its vector written into `vector`.
  func reference(_ list: Int, into vector: UnsafeMutablePointer<Float>) -> RowReference {
    learnt.copyReference(list, dimension: dimension, into: vector)
    return RowReference(vector: UnsafePointer(vector), gap: lists[list].gap, norm: lists[list].norm)
  }

  deinit { meanVector.deallocate() }

  /// The lists nearest to each prepared query of the scratch, encoded with `mean`, into the queries' heaps.
  func nearest(count queries: Int, lists: Int, codeStride: Int, scratch: ScanScratch) {
    store.nearest(
      count: queries, k: min(lists, count), reference: meanReference, filter: nil, codeStride: codeStride,
      scratch: scratch)
  }

  /// The nearest centroid of every row, ties by smaller number; rows are prepared.
  ///
  /// The answer does not depend on the number of threads.
  func assign(
    _ rows: UnsafePointer<Float>, count rowCount: Int, threads: Int, pool: ObjectPool<ScanScratch>,
    into lists: UnsafeMutablePointer<Int32>
  ) {
    // Written by one worker each.
    nonisolated(unsafe) let lists = lists
    nonisolated(unsafe) let rows = rows
    _ = BatchSearch.run(count: rowCount, threads: threads, pool: pool) { scratch, range in
      store.prepare(
        rows + range.lowerBound * dimension, count: range.count, quantizer: quantizer, scratch: scratch)
      store.nearest(
        count: range.count, k: 1, reference: meanReference, filter: nil, codeStride: quantizer.paddedDimension,
        scratch: scratch)
      for index in 0..<range.count {
        lists[range.lowerBound + index] = Int32(truncatingIfNeeded: scratch.states[index].heap.places[0].id)
      }
      return SearchStatistics()
    }
  }

  /// Bytes held by centroids, their codes and the table of references.
  var bytes: Int { store.memory.total + count * (MemoryLayout<CentroidTerms>.stride + MemoryLayout<Float>.stride) }
}

/// What k-means found.
struct Centroids: Sendable {
  /// `count` × `dimension` floats; directions of length 1 under ip and cosine.
  var vectors: GrowableBuffer<Float>
  /// What a vector is multiplied by to give the mean of its list.
  var lengths: [Float]

  func copyReference(_ list: Int, dimension: Int, into vector: UnsafeMutablePointer<Float>) {
    Quantization.scale(
      vectors.base + list * dimension, dimension: dimension, by: Double(lengths[list]), into: vector)
  }
}

/// What a query must know of what a list's rows are measured from.
struct CentroidTerms: Sendable {
  /// −q·reference is this times −q·centroid; 1 under l2.
  var length: Float
  /// |reference − mean|, rounded up.
  var gap: Double
  /// |reference|, rounded up.
  var norm: Double
  var squaredNorm: Double
}
