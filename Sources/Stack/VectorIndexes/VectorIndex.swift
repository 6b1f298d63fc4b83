/// A set of float32 vectors that can be searched for nearest neighbours.
///
/// Vectors travel row-major and without gaps: `count × dimension` floats. Searches may run on any number of threads at
/// once; `train`, `add` and `remove` wait for running searches and exclude new ones while they change the structure.
/// Nothing traps on bad input: every public door throws `VectorIndexError`.
public protocol VectorIndex: AnyObject, Sendable {
  /// The name by which specifications know this kind: "flat", "ivf", "hnsw", ….
  static var kind: String { get }

  var dimension: Int { get }
  var metric: DistanceMetric { get }
  /// Vectors that a search can return (removed ones do not count).
  var count: Int { get }
  /// Whether `add` may be called; indexes that learn nothing are always trained.
  var isTrained: Bool { get }

  /// Learns what the index needs from a sample (centroids, code books). Throws on NaN, infinity and too few vectors.
  func train(_ vectors: Span<Float>) throws

  /// Adds one batch, all or nothing. Throws on a length that does not fit, NaN, infinity, a zero vector under cosine, and
  /// an id that is negative, already present, or twice in the batch.
  func add(_ vectors: Span<Float>, ids: Span<Int64>) throws

  /// Work that makes an index of what was added faster, if the kind has such a step.
  func optimize() throws

  /// The k nearest to `query`, nearest first, ties by smaller id; unfilled places are `Neighbor.none`.
  ///
  /// `results` must hold exactly k places. Allocates nothing after the first call on a thread.
  @discardableResult
  func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics

  /// The same for many queries at once; `results` holds `queries × k` places.
  @discardableResult
  func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics

  /// Removes the ids that are present; returns how many were.
  @discardableResult
  func remove(ids: Span<Int64>) throws -> Int

  /// Bytes held now.
  var memory: IndexMemory { get }

  /// Writes a versioned, checksummed file atomically: a crash leaves the old file or the new one.
  func save(to path: String) throws
}

extension VectorIndex {
  public func optimize() throws {}
}
