import Kernels

/// Memory that one worker's searches use and keep.
final class ScanScratch {
  /// Queries and rows of raw products that are in work at a time: 32 KiB, so that they stay in the first cache.
  static let tileQueries = 16
  static let rawCount = 8192

  private(set) var states: UnsafeMutablePointer<QueryState>
  private(set) var stateCount = 0
  let raw: UnsafeMutablePointer<Int32>
  /// Sums of look-up tables.
  let sums: UnsafeMutablePointer<UInt16>
  let distances: UnsafeMutablePointer<Float>
  let places: UnsafeMutablePointer<Int32>
  /// Prepared queries, row-major.
  private(set) var vectors: UnsafeMutablePointer<Float>
  private var vectorCapacity = 0
  /// Encoded queries, `queryBytes` apart.
  private(set) var codes: UnsafeMutablePointer<Int8>
  private var codeCapacity = 0

  /// Distances computed in one call of a kernel.
  static let gathered = 64

  init() {
    states = .allocate(capacity: 1)
    raw = UnsafeMutableRawPointer.allocate(byteCount: Self.rawCount * 4, alignment: 64)
      .bindMemory(to: Int32.self, capacity: Self.rawCount)
    sums = .allocate(capacity: Self.rawCount)
    distances = .allocate(capacity: Self.gathered)
    places = .allocate(capacity: Self.gathered)
    vectors = .allocate(capacity: 1)
    codes = .allocate(capacity: 1)
  }

  deinit {
    for index in 0..<stateCount { states[index].deallocate() }
    states.deallocate()
    raw.deallocate()
    sums.deallocate()
    distances.deallocate()
    places.deallocate()
    vectors.deallocate()
    codes.deallocate()
  }

  /// Makes room for `queries` queries of `dimension` floats and `queryBytes` code bytes.
  func prepare(queries: Int, dimension: Int, queryBytes: Int) {
    if queries * dimension > vectorCapacity {
      vectors.deallocate()
      vectorCapacity = queries * dimension
      vectors = UnsafeMutableRawPointer.allocate(byteCount: vectorCapacity * 4, alignment: 64)
        .bindMemory(to: Float.self, capacity: vectorCapacity)
    }
    if queries * queryBytes > codeCapacity {
      codes.deallocate()
      codeCapacity = queries * queryBytes
      codes = UnsafeMutableRawPointer.allocate(byteCount: codeCapacity, alignment: 64)
        .bindMemory(to: Int8.self, capacity: codeCapacity)
    }
    if queries > stateCount {
      let grown = UnsafeMutablePointer<QueryState>.allocate(capacity: queries)
      grown.moveInitialize(from: states, count: stateCount)
      for index in stateCount..<queries { (grown + index).initialize(to: QueryState(vector: vectors)) }
      states.deallocate()
      states = grown
      stateCount = queries
    }
  }

  /// Replaces the codes of the first `count` queries by look-up tables.
  func encodeTables(count: Int, dimension: Int, quantizer: ProductQuantizer) {
    prepare(queries: count, dimension: dimension, queryBytes: quantizer.tableBytes)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: quantizer.scratchFloats) { floats in
      for query in 0..<count {
        let tables = UnsafeMutableRawPointer(codes + query * quantizer.tableBytes).assumingMemoryBound(to: UInt8.self)
        let (step, base) = quantizer.tables(
          query: vectors + query * dimension, into: tables, scratch: floats.baseAddress!)
        states[query].code.offset = 0
        states[query].code.weight = step
        states[query].code.tableBase = base
      }
    }
  }
}
