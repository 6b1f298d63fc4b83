/// What may be turned at search time. 0 leaves the index's default; an index ignores what it does not have.
public struct SearchParameters: Sendable, Equatable {
  /// HNSW: width of the beam at level 0, at least k.
  public var ef: Int
  /// IVF: lists probed.
  public var nprobe: Int
  /// Candidates of a quantised index whose distance is recomputed on the stored originals.
  public var rerank: Int

  public init(ef: Int = 0, nprobe: Int = 0, rerank: Int = 0) {
    self.ef = ef
    self.nprobe = nprobe
    self.rerank = rerank
  }
}

/// Work done by one search (or by a batch, summed).
public struct SearchStatistics: Sendable, Equatable {
  /// Neighbours found, at most k a query.
  public var found: Int
  /// Distances computed, on codes and on originals together.
  public var distances: Int
  /// Graph nodes expanded, or lists scanned.
  public var visited: Int

  public init(found: Int = 0, distances: Int = 0, visited: Int = 0) {
    self.found = found
    self.distances = distances
    self.visited = visited
  }

  public static func += (sum: inout SearchStatistics, other: SearchStatistics) {
    sum.found += other.found
    sum.distances += other.distances
    sum.visited += other.visited
  }
}

/// Bytes that an index's structure holds, by part.
public struct IndexMemory: Sendable, Equatable {
  /// Vectors as they were given (float32), or the half-precision copy kept for re-ranking.
  public var vectors: Int
  /// Quantised codes with their scales, norms and bounds.
  public var codes: Int
  /// Graph links, coarse centroids and list offsets.
  public var structure: Int
  /// External ids and tombstones.
  public var ids: Int

  public var total: Int { vectors + codes + structure + ids }

  public init(vectors: Int = 0, codes: Int = 0, structure: Int = 0, ids: Int = 0) {
    self.vectors = vectors
    self.codes = codes
    self.structure = structure
    self.ids = ids
  }
}
