import Kernels

/// An inverted file (Sivic and Zisserman, 2003; Jégou, Douze and Schmid, 2011): rows in lists by their nearest centroid, of
/// which a search looks into the `nprobe` nearest.
///
/// Rows are coded relative to their centroid, queries once relative to the mean: a row's bias absorbs the difference
/// (`ScalarQuantizer`), so that one encoding serves every list. Plain `ivf` gives exactly what scanning the probed lists in
/// float32 gives, and reads few of the vectors; the others rank by codes and may re-rank.
public final class IVFIndex: VectorIndex, @unchecked Sendable {  // `lock` guards all that changes
  public static let kind = "ivf"

  public let dimension: Int
  public let metric: DistanceMetric
  public let parameters: IVFParameters

  let lock = ReadersWriterLock()
  let scratch = ObjectPool { IVFScratch() }
  let training = ObjectPool { ScanScratch() }
  /// nil until trained.
  var coarse: CoarseQuantizer?
  var codec = RowCodec.none
  var store: RowStore
  var lists = InvertedLists(lists: 0)
  var present = IDSet()

  /// - Throws: `invalidArgument` for a dimension outside 1...32 768.
  public init(dimension: Int, metric: DistanceMetric, parameters: IVFParameters) throws {
    try VectorBatch.validate(dimension: dimension)
    self.dimension = dimension
    self.metric = metric
    self.parameters = parameters
    store = Self.store(dimension, metric, parameters, codec: .none)
  }

  static func store(
    _ dimension: Int, _ metric: DistanceMetric, _ parameters: IVFParameters, codec: RowCodec
  ) -> RowStore {
    let originals = RowStore.Originals(rawValue: parameters.originals.rawValue) ?? .f32
    return RowStore(
      dimension: dimension, metric: metric, originals: originals, codec: codec,
      bounded: parameters.coding == .flat)
  }

  /// The codec of the lists, but for product codes, whose books `train` learns.
  static func codec(_ parameters: IVFParameters, _ metric: DistanceMetric, mean: [Float]) -> RowCodec {
    switch parameters.coding {
    case .flat where parameters.codes == .none: .none
    case .flat:
      .scalar(
        ScalarQuantizer(
          layout: parameters.codes == .sq8 ? .bits8 : .bits4, metric: metric, mean: mean, scaleRule: .leastSquares))
    case .sq8: .scalar(ScalarQuantizer(layout: .bits8, metric: metric, mean: mean))
    case .sq4: .scalar(ScalarQuantizer(layout: .bits4, metric: metric, mean: mean))
    case .pq: .none
    }
  }

  public var count: Int { lock.read { present.count } }

  public var isTrained: Bool { lock.read { coarse != nil } }

  public var memory: IndexMemory {
    lock.read {
      var memory = store.memory
      memory.structure += (coarse?.bytes ?? 0) + lists.bytes
      memory.ids += present.bytes
      return memory
    }
  }

  /// Finds centroids by k-means over the vectors.
  ///
  /// - Throws: `invalidArgument` when there are fewer vectors than lists or the index holds rows already.
  public func train(_ vectors: Span<Float>) throws {
    let rows = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    guard rows >= parameters.nlist else {
      throw VectorIndexError.invalidArgument(
        "nlist is \(parameters.nlist) and there are \(rows) training vectors; train with at least one a list or lower nlist"
      )
    }
    let means = KMeans(
      dimension: dimension, clusters: parameters.nlist, metric: metric == .l2 ? .l2 : .ip,
      iterations: parameters.iterations,
      rowsPerCluster: parameters.trainSize, seed: parameters.seed, threads: parameters.threads)
    let prepared = GrowableBuffer<Float>()
    let (learnt, learntCodec) = try vectors.withUnsafeBufferPointer { values in
      var base = values.baseAddress!
      if metric == .cosine {
        try prepared.resize(to: rows * dimension)
        for row in 0..<rows {
          VectorBatch.prepare(
            base + row * dimension, dimension: dimension, metric: metric, into: prepared.base + row * dimension)
        }
        base = UnsafePointer(prepared.base)
      }
      let mean = ScalarQuantizer.mean(of: base, count: rows, dimension: dimension)
      let learnt = try CoarseQuantizer(
        means.centroids(of: base, count: rows, pool: training), dimension: dimension, metric: metric, mean: mean,
        keepsFloats: parameters.originals != .none)
      let codec =
        parameters.coding == .pq
        ? try .product(books(base, count: rows, learnt)) : Self.codec(parameters, metric, mean: mean)
      return (learnt, codec)
    }
    training.removeAll()
    try lock.write {
      guard present.count == 0 else {
        throw VectorIndexError.invalidArgument("the index holds \(present.count) vectors; train a new one")
      }
      adopt(learnt, learntCodec)
    }
  }

  /// Code books for what is left of rows beyond their centroids.
  private func books(
    _ rows: UnsafePointer<Float>, count: Int, _ coarse: CoarseQuantizer
  ) throws(VectorIndexError) -> ProductQuantizer {
    var random = SplitMix64(seed: parameters.seed)
    let m = parameters.subquantizers(dimension: dimension)
    let stride = m * ProductQuantizer.width(dimension: dimension, m: m)
    let wanted = min(count, ProductQuantizer.trainingRows)
    let sample = GrowableBuffer<Float>()
    try sample.resize(to: wanted * dimension)
    for index in 0..<wanted {
      (sample.base + index * dimension).update(from: rows + index * count / wanted * dimension, count: dimension)
    }
    var lists = [Int32](repeating: 0, count: wanted)
    lists.withUnsafeMutableBufferPointer {
      coarse.assign(
        sample.base, count: wanted, threads: parameters.threads, pool: training, into: $0.baseAddress!)
    }
    let residuals = GrowableBuffer<Float>()
    try residuals.resize(to: wanted * stride)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { vector in
      for index in 0..<wanted {
        _ = coarse.reference(Int(lists[index]), into: vector.baseAddress!)
        for j in 0..<dimension { residuals[index * stride + j] = sample[index * dimension + j] - vector[j] }
      }
    }
    return ProductQuantizer.learn(
      residuals: residuals.base, count: wanted, dimension: dimension, metric: metric, m: m, mean: coarse.mean,
      iterations: parameters.iterations, random: &random)
  }

  /// Starts empty lists round these centroids.
  func adopt(_ learnt: CoarseQuantizer, _ learntCodec: RowCodec) {
    codec = learntCodec
    store = Self.store(dimension, metric, parameters, codec: codec)
    lists = InvertedLists(lists: learnt.count)
    coarse = learnt
  }
}
