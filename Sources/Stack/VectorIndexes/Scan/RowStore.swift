import Kernels

/// Rows side by side in four forms that share one numbering: originals, scan codes in panels of 32, the codes' terms, ids.
///
/// Flat indexes keep one store, so do the lists of an IVF index and its centroids. Places that hold no row may lie between
/// rows; whoever scans names ranges. Not locked: the owning index excludes readers while it changes.
final class RowStore: @unchecked Sendable {
  /// What is kept of a row beside its codes.
  enum Originals: String, Sendable, Codable, CaseIterable {
    case f32, f16, none
  }

  let dimension: Int
  /// cosine stores normalised rows and answers 1 − ⟨q, x⟩.
  let metric: DistanceMetric
  let originals: Originals
  private(set) var codec: RowCodec
  /// Set when the codes discard rows by bounds; nil when their scores rank rows.
  private(set) var bound: DiscardBound?
  let floats: GrowableBuffer<Float>
  let halves: GrowableBuffer<UInt16>
  let panels: GrowableBuffer<UInt8>
  let terms: GrowableBuffer<Float>
  let ids: GrowableBuffer<Int64>
  /// Places, filled or not.
  private(set) var count = 0

  /// - Parameter bounded: whether codes discard rows (needs f32 originals) or rank them.
  init(
    dimension: Int, metric: DistanceMetric, originals: Originals, codec: RowCodec, bounded: Bool,
    floats: GrowableBuffer<Float> = GrowableBuffer(), halves: GrowableBuffer<UInt16> = GrowableBuffer(),
    panels: GrowableBuffer<UInt8> = GrowableBuffer(), terms: GrowableBuffer<Float> = GrowableBuffer(),
    ids: GrowableBuffer<Int64> = GrowableBuffer(), count: Int = 0
  ) {
    self.dimension = dimension
    self.metric = metric
    self.originals = originals
    self.codec = codec
    bound = Self.bound(metric, originals, codec, bounded)
    self.floats = floats
    self.halves = halves
    self.panels = panels
    self.terms = terms
    self.ids = ids
    self.count = count
  }

  static func bound(
    _ metric: DistanceMetric, _ originals: Originals, _ codec: RowCodec, _ bounded: Bool
  ) -> DiscardBound? {
    guard bounded, originals == .f32, case .scalar(let quantizer) = codec else { return nil }
    return DiscardBound(metric: metric, mean: quantizer.mean)
  }

  /// Takes another codec; every row is to be encoded again.
  func recode(_ codec: RowCodec, bounded: Bool) throws(VectorIndexError) {
    self.codec = codec
    bound = Self.bound(metric, originals, codec, bounded)
    try resize(to: count)
  }

  /// Keeps originals alone.
  func dropCodes() {
    codec = .none
    bound = nil
    panels.removeAll()
    terms.removeAll()
  }

  /// Floats of terms a panel has.
  var termsPerPanel: Int { bound != nil ? PanelScan.boundTerms : PanelScan.scoreTerms }

  /// Sets the number of places; new ones are empty, and a mapped file is copied into memory.
  func resize(to places: Int) throws(VectorIndexError) {
    guard places < Int(Int32.max) - Kernels.panelRows else {
      throw .invalidArgument("an index holds at most 2³¹ vectors; split the set")
    }
    let panelCount = Panels.count(rows: places)
    switch originals {
    case .f32: try floats.resize(to: places * dimension)
    case .f16: try halves.resize(to: places * dimension)
    case .none: break
    }
    if !codec.isNone {
      try panels.resize(to: panelCount * codec.panelBytes)
      try terms.resize(to: panelCount * termsPerPanel)
    }
    try ids.resize(to: places)
    count = places
  }

  func trim() {
    floats.trim()
    halves.trim()
    panels.trim()
    terms.trim()
    ids.trim()
  }

  /// Fills a place with a prepared row (normalised under cosine).
  ///
  /// - Parameter scratch: `codec.scratchBytes` bytes, aligned for floats.
  func store(
    _ x: UnsafePointer<Float>, id: Int64, reference: RowReference?, at place: Int, scratch: UnsafeMutablePointer<UInt8>
  ) {
    ids[place] = id
    switch originals {
    case .f32: (floats.base + place * dimension).update(from: x, count: dimension)
    case .f16: Kernels.active.f16FromF32(x, dimension, halves.base + place * dimension)
    case .none: break
    }
    encode(x, reference: reference, at: place, scratch: scratch)
  }

  /// Writes the codes and terms of a place.
  func encode(
    _ x: UnsafePointer<Float>, reference: RowReference?, at place: Int, scratch: UnsafeMutablePointer<UInt8>
  ) {
    guard let reference else { return }
    let width = Kernels.panelRows
    let own = terms.base + place / width * termsPerPanel + place % width
    switch codec {
    case .none: break
    case .scalar(let quantizer):
      var row = quantizer.encode(x, reference: reference.vector, row: place, in: panels.base, scratch: scratch)
      if let bound { row = bound.stored(row, reference: reference) }
      own[0] = row.scale
      own[width] = row.bias
      if bound != nil {
        own[2 * width] = row.error
        own[3 * width] = row.codeNorm
      }
    case .product(let quantizer):
      // Floats first, so that they are aligned.
      let floats = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
      own[0] = 1
      own[width] = quantizer.encode(
        x, reference: reference.vector, row: place, in: panels.base, codes: scratch + quantizer.scratchFloats * 4,
        scratch: floats)
    }
  }

  /// Moves a row of `source`, which is coded alike, into a place of this store.
  func copyRow(_ from: Int, of source: RowStore, to place: Int) {
    ids[place] = source.ids[from]
    switch originals {
    case .f32:
      (floats.base + place * dimension).update(from: source.floats.base + from * dimension, count: dimension)
    case .f16:
      (halves.base + place * dimension).update(from: source.halves.base + from * dimension, count: dimension)
    case .none: break
    }
    guard !codec.isNone else { return }
    let width = Kernels.panelRows
    // A row has every 32nd cell of its panel, and every 32nd float of its terms.
    let cell = codec.cellBytes
    let read = source.panels.base + from / width * codec.panelBytes + from % width * cell
    let write = panels.base + place / width * codec.panelBytes + place % width * cell
    for at in stride(from: 0, to: codec.panelBytes, by: cell * width) {
      for byte in 0..<cell { write[at + byte] = read[at + byte] }
    }
    let readTerms = source.terms.base + from / width * termsPerPanel + from % width
    let writeTerms = terms.base + place / width * termsPerPanel + place % width
    for term in 0..<termsPerPanel / width { writeTerms[term * width] = readTerms[term * width] }
  }

  /// Bytes held, the caller's own structure not counted.
  var memory: IndexMemory {
    IndexMemory(vectors: floats.bytes + halves.bytes, codes: panels.bytes + terms.bytes, ids: ids.bytes)
  }

  /// Distances of a prepared query to the originals of listed places.
  @inline(__always)
  func distances(
    _ query: UnsafePointer<Float>, places: UnsafePointer<Int32>, count: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let kernels = Kernels.active
    switch (originals, metric) {
    case (.f32, .l2): kernels.l2Gather(query, floats.base, dimension, dimension, places, count, out)
    case (.f32, _): kernels.ipGather(query, floats.base, dimension, dimension, places, count, out)
    case (_, .l2): kernels.l2F16Gather(query, halves.base, dimension, dimension, places, count, out)
    default: kernels.ipF16Gather(query, halves.base, dimension, dimension, places, count, out)
    }
    switch metric {
    case .l2: break
    case .ip: for index in 0..<count { out[index] = -out[index] }
    case .cosine: for index in 0..<count { out[index] = 1 - out[index] }
    }
  }
}
