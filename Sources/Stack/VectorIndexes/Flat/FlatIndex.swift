import Kernels

/// Exact search: always the k nearest by the kernels' float32 distance, ties by smaller id.
///
/// Beside the vectors it keeps a 4- or 8-bit copy whose bounds discard nearly every row unread (`DiscardBound`); only rows
/// that may be among the k nearest have their distance computed. Batches share every panel of codes between queries.
public final class FlatIndex: VectorIndex, @unchecked Sendable {  // `lock` guards all that changes
  public static let kind = "flat"

  /// The copy that discards rows.
  public enum Codes: String, Sendable, Codable, CaseIterable {
    /// 8 bits while there are few rows, else 4.
    case auto
    case none, sq4, sq8
  }

  public let dimension: Int
  public let metric: DistanceMetric
  public let codes: Codes

  let lock = ReadersWriterLock()
  let scratch = ObjectPool { ScanScratch() }
  var store: RowStore
  /// The mean that codes are measured from, and how many rows it was taken over; none when there are no codes yet.
  let mean: UnsafeMutablePointer<Float>
  var meanRows = 0
  var reference: RowReference
  var present = IDSet()

  /// Rows from which codes pay.
  static let codedFrom = 1024
  /// Bytes of codes that are taken to fit into the second-level cache of one core.
  static let cachedBytes = 1 << 20
  /// Rows over which a mean is good enough for ever.
  static let steadyMean = 1 << 17

  /// - Throws: `invalidArgument` for a dimension outside 1...32 768.
  public init(dimension: Int, metric: DistanceMetric, codes: Codes = .auto) throws {
    try VectorBatch.validate(dimension: dimension)
    self.dimension = dimension
    self.metric = metric
    self.codes = codes
    mean = .allocate(capacity: dimension)
    mean.initialize(repeating: 0, count: dimension)
    reference = RowReference(vector: UnsafePointer(mean), gap: 0, norm: 0)
    store = RowStore(dimension: dimension, metric: metric, originals: .f32, codec: .none, bounded: true)
  }

  /// The build parameters of a specification. Building takes one thread, whatever `threads` says.
  static let parameterNames = ["codes", "threads"]

  convenience init(dimension: Int, metric: DistanceMetric, parameters: [String: String]) throws {
    _ = try parameters.integer("threads", in: 1...1024, default: 1)
    try self.init(dimension: dimension, metric: metric, codes: parameters.choice("codes", default: .auto))
  }

  deinit { mean.deallocate() }

  public var count: Int { lock.read { store.count } }

  public var isTrained: Bool { true }

  public var memory: IndexMemory {
    lock.read {
      var memory = store.memory
      memory.structure += meanRows > 0 ? dimension * MemoryLayout<Float>.stride : 0
      memory.ids += present.bytes
      return memory
    }
  }

  /// Nothing is learnt; the vectors are only checked.
  public func train(_ vectors: Span<Float>) throws {
    _ = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
  }
}
