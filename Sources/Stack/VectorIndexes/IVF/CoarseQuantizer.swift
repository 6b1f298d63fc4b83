import Kernels

/// The centroids of an IVF index, searched exactly on 8-bit codes with float32 checks (`DiscardBound`).
final class CoarseQuantizer: @unchecked Sendable {  // not changed after init
  let dimension: Int
  let count: Int
  /// What codes of centroids, rows and queries are measured from.
  let mean: [Float]
  let quantizer: ScalarQuantizer
  /// Ids are list numbers.
  private let store: RowStore
  /// The same vectors under l2, by which rows find their list.
  private let assignment: RowStore
  private let meanVector: UnsafeMutablePointer<Float>
  private let meanReference: RowReference
  /// Of each centroid, as what its rows are measured from.
  private(set) var references: [RowReference] = []
  /// |c|² of each centroid.
  private(set) var squaredNorms: [Double] = []

  /// Codes pay from here.
  private static let codedFrom = 64

  init(centroids: GrowableBuffer<Float>, dimension: Int, metric: DistanceMetric, mean: [Float]) throws(VectorIndexError)
  {
    self.dimension = dimension
    count = centroids.count / dimension
    self.mean = mean
    quantizer = ScalarQuantizer(layout: .bits8, metric: metric, mean: mean, scaleRule: .leastSquares)
    meanVector = .allocate(capacity: dimension)
    meanVector.initialize(from: mean, count: dimension)
    let meanNorm = Quantization.squaredNorm(meanVector, dimension: dimension).squareRoot() * (1 + 0x1p-40)
    meanReference = RowReference(vector: UnsafePointer(meanVector), gap: 0, norm: meanNorm)
    // Queries are normalised before they come here, centroids are not: under cosine they are compared by ip.
    store = try Self.store(centroids, dimension, metric == .l2 ? .l2 : .ip, mean, meanReference)
    assignment = metric == .l2 ? store : try Self.store(centroids, dimension, .l2, mean, meanReference)
    references.reserveCapacity(count)
    for list in 0..<count {
      let vector = UnsafePointer(centroids.base + list * dimension)
      var gap = 0.0
      for j in 0..<dimension {
        let difference = Double(vector[j]) - Double(mean[j])
        gap += difference * difference
      }
      let norm = Quantization.squaredNorm(vector, dimension: dimension)
      squaredNorms.append(norm)
      references.append(
        RowReference(
          vector: vector, gap: gap.squareRoot() * (1 + 0x1p-40), norm: norm.squareRoot() * (1 + 0x1p-40)))
    }
  }

  deinit { meanVector.deallocate() }

  private static func store(
    _ centroids: GrowableBuffer<Float>, _ dimension: Int, _ metric: DistanceMetric, _ mean: [Float],
    _ reference: RowReference
  ) throws(VectorIndexError) -> RowStore {
    let count = centroids.count / dimension
    let ids = GrowableBuffer<Int64>()
    try ids.resize(to: count)
    for list in 0..<count { ids[list] = Int64(list) }
    let store = RowStore(
      dimension: dimension, metric: metric, originals: .f32, codec: .none, bounded: true, floats: centroids, ids: ids,
      count: count)
    if count < codedFrom { return store }
    let quantizer = ScalarQuantizer(layout: .bits8, metric: metric, mean: mean, scaleRule: .leastSquares)
    try store.recode(.scalar(quantizer), bounded: true)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
      for list in 0..<count {
        store.encode(
          centroids.base + list * dimension, reference: reference, at: list, scratch: bytes.baseAddress!)
      }
    }
    return store
  }

  /// `count` × `dimension` floats.
  var centroids: GrowableBuffer<Float> { store.floats }

  /// The lists nearest to each prepared query of the scratch, encoded with `mean`, into the queries' heaps.
  func nearest(count queries: Int, lists: Int, codeStride: Int, scratch: ScanScratch) {
    store.nearest(
      count: queries, k: min(lists, count), reference: meanReference, filter: nil, codeStride: codeStride,
      scratch: scratch)
  }

  /// The nearest centroid of every row by l2, ties by smaller number; rows are prepared.
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
      assignment.prepare(
        rows + range.lowerBound * dimension, count: range.count, quantizer: quantizer, scratch: scratch)
      assignment.nearest(
        count: range.count, k: 1, reference: meanReference, filter: nil, codeStride: quantizer.paddedDimension,
        scratch: scratch)
      for index in 0..<range.count {
        lists[range.lowerBound + index] = Int32(truncatingIfNeeded: scratch.states[index].heap.places[0].id)
      }
      return SearchStatistics()
    }
  }

  /// Bytes held by centroids, their codes and the table of references.
  var bytes: Int {
    let codes = assignment === store ? store.memory.codes : store.memory.codes + assignment.memory.codes
    return store.memory.vectors + codes + count * (MemoryLayout<RowReference>.stride + 8)
  }
}
