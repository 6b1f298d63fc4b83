import Kernels

/// The centroids of an IVF index, searched on 8-bit codes: exactly, with float32 checks (`DiscardBound`), or, where an index
/// keeps no originals, as what the codes stand for, without floats.
///
/// Under ip and cosine centroids are directions (spherical k-means), so that a wide list, whose mean is short, is not passed
/// over; rows are then measured from the direction times the length of the list's mean.
final class CoarseQuantizer: @unchecked Sendable {  // not changed after init
  let dimension: Int
  let count: Int
  /// What codes of centroids, rows and queries are measured from.
  let mean: [Float]
  let quantizer: ScalarQuantizer
  /// What a centroid is multiplied by to give what its list's rows are measured from.
  let lengths: [Float]
  /// Ids are list numbers.
  let store: RowStore
  private(set) var lists: [CentroidTerms] = []
  private let meanVector: UnsafeMutablePointer<Float>
  private let meanReference: RowReference

  /// Codes pay from here.
  private static let codedFrom = 64

  /// - Parameter keepsFloats: whether searches are exact; if not, the codes become the centroids.
  convenience init(
    _ learnt: Centroids, dimension: Int, metric: DistanceMetric, mean: [Float], keepsFloats: Bool
  ) throws(VectorIndexError) {
    let count = learnt.vectors.count / dimension
    let ids = GrowableBuffer<Int64>()
    try ids.resize(to: count)
    for list in 0..<count { ids[list] = Int64(list) }
    let exact = keepsFloats || count < Self.codedFrom
    let store = RowStore(
      dimension: dimension, metric: metric == .l2 ? .l2 : .ip, originals: exact ? .f32 : .none, codec: .none,
      bounded: exact, floats: exact ? learnt.vectors : GrowableBuffer(), ids: ids, count: count)
    if count >= Self.codedFrom {
      try store.recode(.scalar(Self.quantizer(metric, mean)), bounded: exact)
    }
    self.init(store, lengths: learnt.lengths, mean: mean)
    if count < Self.codedFrom { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
      for list in 0..<count {
        let centroid = learnt.vectors.base + list * dimension
        store.encode(centroid, reference: meanReference, at: list, scratch: bytes.baseAddress!)
        if exact { continue }
        // What the codes stand for has codes without error, and the terms that belong to them.
        copyCentroid(list, into: centroid)
        store.encode(centroid, reference: meanReference, at: list, scratch: bytes.baseAddress!)
      }
    }
    describeLists()
  }

  /// Centroids that were encoded before.
  init(_ store: RowStore, lengths: [Float], mean: [Float]) {
    self.store = store
    self.lengths = lengths
    self.mean = mean
    dimension = store.dimension
    count = store.count
    quantizer = Self.quantizer(store.metric, mean)
    meanVector = .allocate(capacity: dimension)
    meanVector.initialize(from: mean, count: dimension)
    let meanNorm = Quantization.squaredNorm(meanVector, dimension: dimension).squareRoot() * (1 + 0x1p-40)
    meanReference = RowReference(vector: UnsafePointer(meanVector), gap: 0, norm: meanNorm)
    describeLists()
  }

  static func quantizer(_ metric: DistanceMetric, _ mean: [Float]) -> ScalarQuantizer {
    // Queries are normalised before they come here: under cosine they are compared by ip.
    ScalarQuantizer(layout: .bits8, metric: metric == .l2 ? .l2 : .ip, mean: mean, scaleRule: .leastSquares)
  }

  private func describeLists() {
    lists = []
    lists.reserveCapacity(count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { vector in
      for list in 0..<count {
        copyReference(list, into: vector.baseAddress!)
        var gap = 0.0
        for j in 0..<dimension {
          let difference = Double(vector[j]) - Double(mean[j])
          gap += difference * difference
        }
        let squaredNorm = Quantization.squaredNorm(vector.baseAddress!, dimension: dimension)
        lists.append(
          CentroidTerms(
            length: lengths[list], gap: gap.squareRoot() * (1 + 0x1p-40),
            norm: squaredNorm.squareRoot() * (1 + 0x1p-40), squaredNorm: squaredNorm))
      }
    }
  }

  private func copyCentroid(_ list: Int, into vector: UnsafeMutablePointer<Float>) {
    if store.originals == .f32 {
      vector.update(from: store.floats.base + list * dimension, count: dimension)
      return
    }
    let scale = store.terms[list / Kernels.panelRows * store.termsPerPanel + list % Kernels.panelRows]
    let zero = Float(quantizer.layout.zero)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { codes in
      quantizer.layout.load(store.panels.base, dimension: dimension, row: list, into: codes.baseAddress!)
      for j in 0..<dimension { vector[j] = mean[j] + scale * (Float(codes[j]) - zero) }
    }
  }

  private func copyReference(_ list: Int, into vector: UnsafeMutablePointer<Float>) {
    copyCentroid(list, into: vector)
    Quantization.scale(vector, dimension: dimension, by: Double(lengths[list]), into: vector)
  }

  /// What rows of the list are measured from, its vector written into `vector`.
  func reference(_ list: Int, into vector: UnsafeMutablePointer<Float>) -> RowReference {
    copyReference(list, into: vector)
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
    nonisolated(unsafe) let (lists, rows) = (lists, rows)
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
