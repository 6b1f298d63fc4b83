import Kernels

extension IVFIndex {
  struct Header: Codable {
    /// As specifications name it: "ivf", "ivf-sq8", ….
    var kind: String
    var dimension: Int
    var metric: DistanceMetric
    var parameters: IVFParameters
    var isTrained: Bool
  }

  /// Writes the lists side by side, as `optimize` leaves them.
  public func save(to path: String) throws {
    try lock.write {
      if !lists.isCompact { try compact(with: nil) }
      let header = Header(
        kind: parameters.coding.rawValue, dimension: dimension, metric: metric, parameters: parameters,
        isTrained: coarse != nil)
      guard let coarse else {
        try IndexFile.write(to: path, header: header, sections: [])
        return
      }
      let sizes = lists.counts.map { Int64($0) }
      var books: [Float] = []
      if case .product(let quantizer) = codec { books = quantizer.books }
      try coarse.mean.withUnsafeBufferPointer { mean in
        try sizes.withUnsafeBufferPointer { sizes in
          try coarse.lengths.withUnsafeBufferPointer { lengths in
            try books.withUnsafeBufferPointer { books in
              try IndexFile.write(
                to: path, header: header,
                sections: store.sections() + coarse.store.sections(prefix: "coarse.") + [
                  .init("mean", mean), .init("sizes", sizes), .init("lengths", lengths), .init("books", books),
                ])
            }
          }
        }
      }
    }
  }

  /// Opens a saved index by memory map; rows and codes are not copied until the index changes.
  ///
  /// - Throws: `fileSystem`, `corruptFile`.
  public static func open(_ path: String) throws -> IVFIndex { try IVFIndex(IndexFile.open(path)) }

  convenience init(_ file: IndexFile) throws {
    let header = try file.header(Header.self)
    guard header.kind == header.parameters.coding.rawValue else {
      throw file.corrupt("header", "names kind \(header.kind) and lists of kind \(header.parameters.coding.rawValue)")
    }
    guard (1...VectorBatch.largestDimension).contains(header.dimension), header.parameters.nlist > 0,
      header.parameters.nprobe > 0, header.parameters.threads > 0,
      header.parameters.pqM >= 0
    else { throw file.corrupt("header", "holds a number out of range") }
    try self.init(dimension: header.dimension, metric: header.metric, parameters: header.parameters)
    guard header.isTrained else { return }
    let mean = try file.section("mean", of: Float.self, count: dimension)
    let sizes = try file.section("sizes", of: Int64.self, count: parameters.nlist)
    let lengths = try file.section("lengths", of: Float.self, count: parameters.nlist)
    let exact = file.contains("coarse.vectors")
    let coarse = try RowStore(
      file: file, prefix: "coarse.", dimension: dimension, metric: metric == .l2 ? .l2 : .ip,
      originals: exact ? .f32 : .none,
      codec: file.contains("coarse.codes")
        ? .scalar(CoarseQuantizer.quantizer(metric, mean.copy)) : .none, bounded: exact)
    guard coarse.count == parameters.nlist, exact || !coarse.codec.isNone,
      coarse.ids.elements.elementsEqual(0..<Int64(coarse.count))
    else { throw file.corrupt("coarse.ids", "does not number the \(parameters.nlist) lists") }
    var learntCodec = Self.codec(parameters, metric, mean: mean.copy)
    if parameters.coding == .pq {
      let m = parameters.subquantizers(dimension: dimension)
      let books = try file.section(
        "books", of: Float.self, count: m * ProductQuantizer.width(dimension: dimension, m: m) * ProductCodes.centroids)
      learntCodec = .product(
        ProductQuantizer(
          dimension: dimension, metric: metric, m: m, books: books.copy, mean: mean.copy))
    }
    adopt(CoarseQuantizer(coarse, lengths: lengths.copy, mean: mean.copy), learntCodec)
    let originals = RowStore.Originals(rawValue: parameters.originals.rawValue) ?? .f32
    store = try RowStore(
      file: file, dimension: dimension, metric: metric, originals: originals,
      codec: codec, bounded: parameters.coding == .flat)
    var rows = 0
    for size in sizes.elements {
      guard size >= 0, size <= Int64(store.count - rows) else {
        throw file.corrupt("sizes", "says a list of \(size) rows")
      }
      rows += Int(size)
    }
    guard rows == store.count else { throw file.corrupt("sizes", "adds up to \(rows) rows of \(store.count)") }
    lists = InvertedLists(sizes: sizes.elements.map { Int($0) })
    for place in 0..<store.count {
      guard store.ids[place] >= 0, !present.contains(store.ids[place]) else {
        throw file.corrupt("ids", "holds \(store.ids[place]) where a new id should be")
      }
      present.insert(store.ids[place])
    }
  }
}
