internal import VectorIndexes

/// An index of the stack's words in pgvector's.
struct PGVectorIndex: Sendable {
  enum Kind: Sendable, Equatable {
    case flat
    case ivf(nlist: Int, nprobe: Int)
    case hnsw(m: Int, efConstruction: Int, ef: Int)
  }

  var kind: Kind
  var metric: StoreMetric
  /// Workers that build it at once.
  var threads = 1

  private static var largestDimension: Int { 16_000 }
  private static var largestIndexedDimension: Int { 2_000 }
  private static var mostLists: Int { 32_768 }
  private static var widestBeam: Int { 1_000 }

  var isExact: Bool { kind == .flat }

  /// Whether it is learnt from the rows that are there when it is built.
  var learns: Bool { if case .ivf = kind { true } else { false } }

  private static func unsupported(_ reason: String) -> VectorStoreError {
    .unsupported(name: PGVectorStore.storeName, reason: reason)
  }

  /// - Throws: `unsupported` for what pgvector does not build.
  init(_ schema: CollectionSchema) throws(VectorStoreError) {
    metric = schema.metric
    let parameters = schema.index.parameters
    try Self.check("dimension", schema.dimension, 1...Self.largestDimension)
    switch schema.index.kind {
    case "flat":
      try Self.check(schema.index, known: [])
      kind = .flat
    case "ivf":
      try Self.check(schema.index, known: ["nlist", "nprobe", "threads"])
      let values: IVFParameters
      do { values = try IVFParameters(coding: .flat, parameters) } catch { throw .invalidArgument("\(error)") }
      try Self.check("nlist", values.nlist, 1...Self.mostLists)
      try Self.check("nprobe", values.nprobe, 1...Self.mostLists)
      kind = .ivf(nlist: values.nlist, nprobe: values.nprobe)
      threads = values.threads
    case "hnsw":
      try Self.check(schema.index, known: ["m", "ef_construction", "ef", "threads"])
      let values: HNSWParameters
      do { values = try HNSWParameters(traversal: .full, parameters) } catch { throw .invalidArgument("\(error)") }
      try Self.check("m", values.m, 2...100)
      try Self.check("ef_construction", values.efConstruction, max(4, 2 * values.m)...Self.widestBeam)
      try Self.check("ef", values.ef, 1...Self.widestBeam)
      kind = .hnsw(m: values.m, efConstruction: values.efConstruction, ef: values.ef)
      threads = values.threads
    default: throw Self.unsupported("builds no index of kind \(schema.index.kind); choose flat, ivf or hnsw")
    }
    if !isExact, schema.dimension > Self.largestIndexedDimension {
      throw Self.unsupported(
        "indexes vectors of \(Self.largestIndexedDimension) dimensions at most, not of \(schema.dimension); choose flat"
      )
    }
  }

  private static func check(_ index: IndexSpecification, known: [String]) throws(VectorStoreError) {
    guard let other = index.parameters.keys.sorted().first(where: { !known.contains($0) }) else { return }
    throw unsupported("its index of kind \(index.kind) has no parameter \(other); leave it out")
  }

  private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(VectorStoreError) {
    guard !range.contains(value) else { return }
    throw unsupported("\(name) is \(value), and it takes \(range.lowerBound) to \(range.upperBound)")
  }

  /// Smaller is nearer.
  var distance: String {
    switch metric {
    case .l2: "<->"
    case .ip: "<#>"
    case .cosine: "<=>"
    }
  }

  /// As `SearchHit.distance` has it: the operators answer the root of the squared distance, the negative product, and 1 less
  /// the cosine.
  func hitDistance(_ distance: Double) -> Float {
    switch metric {
    case .l2: Float(distance * distance)
    case .ip: Float(-distance)
    case .cosine: Float(1 - distance)
    }
  }

  /// What follows `CREATE INDEX … ON table`; nil where there is none to build.
  var definition: String? {
    let operators =
      switch metric {
      case .l2: "vector_l2_ops"
      case .ip: "vector_ip_ops"
      case .cosine: "vector_cosine_ops"
      }
    return switch kind {
    case .flat: nil
    case .ivf(let nlist, _): "USING ivfflat (vector \(operators)) WITH (lists = \(nlist))"
    case .hnsw(let m, let efConstruction, _):
      "USING hnsw (vector \(operators)) WITH (m = \(m), ef_construction = \(efConstruction))"
    }
  }

  /// The session's settings for a search. The planner weighs an index against a scan by rows alone and not by the cost of
  /// distances; without a filter, the index is what is asked for.
  ///
  /// - Throws: `unsupported` for a beam or a number of hits beyond what pgvector takes.
  func settings(for request: SearchRequest) throws(VectorStoreError) -> [(String, String)] {
    let scans = [("enable_seqscan", request.filter == nil && !isExact ? "off" : "on")]
    switch kind {
    case .flat: return scans
    case .ivf(_, let nprobe):
      let probes = request.parameters.nprobe > 0 ? request.parameters.nprobe : nprobe
      guard probes <= Self.mostLists else {
        throw Self.unsupported("nprobe is \(probes), and it takes 1 to \(Self.mostLists)")
      }
      return scans + [("ivfflat.probes", "\(probes)")]
    case .hnsw(_, _, let ef):
      let beam = max(request.parameters.ef > 0 ? request.parameters.ef : ef, request.limit)
      guard beam <= Self.widestBeam else {
        throw Self.unsupported("ef or limit is \(beam), and an hnsw search takes 1 to \(Self.widestBeam)")
      }
      return scans + [("hnsw.ef_search", "\(beam)")]
    }
  }
}
