import Kernels

/// A query in the form that a kernel reads: trivial pointers, so that hot loops carry no reference counts.
protocol RowScorer {
  /// out[i] = distance between the query and row rows[i], less `constant`.
  func score(_ rows: UnsafePointer<Int32>, _ count: Int, into out: UnsafeMutablePointer<Float>)
  /// Starts to fetch the beginning of a row that will be scored soon.
  func fetch(_ row: Int32)
  /// What every score lacks to be a distance under the metric.
  var constant: Float { get }
}

/// Rows that can be compared with a query, or with each other.
protocol RowSpace: Sendable {
  associatedtype Scorer: RowScorer
  /// Bytes that a scorer keeps in its slot.
  var slotBytes: Int { get }
  /// `vector` has the index's dimension and, under cosine, length one.
  func scorer(vector: UnsafePointer<Float>, slot: UnsafeMutableRawPointer) -> Scorer
  func scorer(row: Int32, slot: UnsafeMutableRawPointer) -> Scorer
}

/// Rows of float32, `dimension` apart.
struct FloatSpace: RowSpace, @unchecked Sendable {
  // Sendable holds because the rows are only read while the index's gate is held.
  let base: UnsafePointer<Float>
  let dimension: Int
  let metric: DistanceMetric

  struct Scorer: RowScorer {
    let query: UnsafePointer<Float>
    let base: UnsafePointer<Float>
    let dimension: Int
    let constant: Float
    let kernel: KernelTable.FloatGather

    @inline(__always)
    func score(_ rows: UnsafePointer<Int32>, _ count: Int, into out: UnsafeMutablePointer<Float>) {
      kernel(query, base, dimension, dimension, rows, count, out)
    }

    @inline(__always)
    func fetch(_ row: Int32) {
      let start = UnsafeRawPointer(base + Int(row) &* dimension)
      prefetch(start)
      prefetch(start + 64)
    }
  }

  var slotBytes: Int { dimension * 4 }

  func scorer(vector: UnsafePointer<Float>, slot: UnsafeMutableRawPointer) -> Scorer {
    let query = slot.assumingMemoryBound(to: Float.self)
    writeSigned(vector, metric, dimension, into: query)
    return Scorer(
      query: query, base: base, dimension: dimension, constant: metric == .cosine ? 1 : 0,
      kernel: metric == .l2 ? Kernels.active.l2Gather : Kernels.active.ipGather)
  }

  func scorer(row: Int32, slot: UnsafeMutableRawPointer) -> Scorer {
    scorer(vector: base + Int(row) &* dimension, slot: slot)
  }
}

/// Rows of float16, `dimension` apart; queries are float32.
struct HalfSpace: RowSpace, @unchecked Sendable {
  // Sendable holds because the rows are only read while the index's gate is held.
  let base: UnsafePointer<UInt16>
  let dimension: Int
  let metric: DistanceMetric

  struct Scorer: RowScorer {
    let query: UnsafePointer<Float>
    let base: UnsafePointer<UInt16>
    let dimension: Int
    let constant: Float
    let kernel: KernelTable.HalfGather

    @inline(__always)
    func score(_ rows: UnsafePointer<Int32>, _ count: Int, into out: UnsafeMutablePointer<Float>) {
      kernel(query, base, dimension, dimension, rows, count, out)
    }

    @inline(__always)
    func fetch(_ row: Int32) {
      let start = UnsafeRawPointer(base + Int(row) &* dimension)
      prefetch(start)
      prefetch(start + 64)
    }
  }

  var slotBytes: Int { dimension * 4 }

  func scorer(vector: UnsafePointer<Float>, slot: UnsafeMutableRawPointer) -> Scorer {
    let query = slot.assumingMemoryBound(to: Float.self)
    writeSigned(vector, metric, dimension, into: query)
    return Scorer(
      query: query, base: base, dimension: dimension, constant: metric == .cosine ? 1 : 0,
      kernel: metric == .l2 ? Kernels.active.l2F16Gather : Kernels.active.ipF16Gather)
  }

  func scorer(row: Int32, slot: UnsafeMutableRawPointer) -> Scorer {
    let query = slot.assumingMemoryBound(to: Float.self)
    HalfFloat.decode(base + Int(row) &* dimension, dimension, into: query)
    return scorer(vector: query, slot: slot)
  }
}

/// Copies a query, negated where the kernel gives an inner product, so that smaller is nearer. Source and target may be
/// the same.
@inline(__always)
private func writeSigned(
  _ vector: UnsafePointer<Float>, _ metric: DistanceMetric, _ dimension: Int, into query: UnsafeMutablePointer<Float>
) {
  if metric == .l2 {
    for j in 0..<dimension { query[j] = vector[j] }
  } else {
    for j in 0..<dimension { query[j] = -vector[j] }
  }
}
