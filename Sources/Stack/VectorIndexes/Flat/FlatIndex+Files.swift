import Kernels

extension FlatIndex {
  struct Header: Codable {
    var kind: String
    var dimension: Int
    var metric: DistanceMetric
    var codes: Codes
    var meanRows: Int
  }

  public func save(to path: String) throws {
    try lock.read {
      let header = Header(kind: Self.kind, dimension: dimension, metric: metric, codes: codes, meanRows: meanRows)
      let mean = UnsafeBufferPointer(start: self.mean, count: meanRows > 0 ? dimension : 0)
      try IndexFile.write(to: path, header: header, sections: store.sections() + [.init("mean", mean)])
    }
  }

  /// Opens a saved index by memory map; nothing is copied until it changes.
  ///
  /// - Throws: `fileSystem`, `corruptFile`.
  public static func open(_ path: String) throws -> FlatIndex { try FlatIndex(IndexFile.open(path)) }

  convenience init(_ file: IndexFile) throws {
    let header = try file.header(Header.self)
    guard header.kind == Self.kind else { throw file.corrupt("header", "is of kind \(header.kind), not \(Self.kind)") }
    guard (1...VectorBatch.largestDimension).contains(header.dimension) else {
      throw file.corrupt("header", "says dimension \(header.dimension)")
    }
    try self.init(dimension: header.dimension, metric: header.metric, codes: header.codes)
    let values = try file.section("mean", of: Float.self, count: header.meanRows > 0 ? dimension : 0)
    var codec = RowCodec.none
    if header.meanRows > 0 { codec = .scalar(takeMean(values.copy, over: header.meanRows)) }
    store = try RowStore(
      file: file, dimension: dimension, metric: metric, originals: .f32, codec: codec, bounded: true)
    for place in 0..<store.count {
      guard store.ids[place] >= 0, !present.contains(store.ids[place]) else {
        throw file.corrupt("ids", "holds \(store.ids[place]) where a new id should be")
      }
      present.insert(store.ids[place])
    }
  }
}
