import Checksums
import Files

extension VectorDataset {
  /// A dataset whose content hash is computed.
  ///
  /// - Throws: `DataError.invalid` if there is no base row or no query, base and queries differ in dimension, or a
  ///   vector of zeros stands under cosine, where it has no direction.
  public init(name: String, metric: DatasetMetric, base: VectorSet, queries: VectorSet) throws {
    guard base.count > 0, queries.count > 0 else {
      throw DataError.invalid("'\(name)' has \(base.count) base rows and \(queries.count) queries; both are needed")
    }
    guard base.dimension == queries.dimension else {
      throw DataError.invalid(
        "'\(name)': base vectors have dimension \(base.dimension), queries \(queries.dimension); they must agree")
    }
    if metric == .cosine {
      for (part, set) in [("base row", base), ("query", queries)] {
        if let row = set.firstZeroRow {
          throw DataError.invalid(
            "'\(name)': \(part) \(row) is all zeros and has no direction under cosine; leave it out or choose l2 or ip")
        }
      }
    }
    var hash = SHA256()
    hash.update("ragmeter.vectors/1 \(metric.rawValue) \(base.dimension) \(base.count) \(queries.count)\n")
    hash.update(base.values)
    hash.update(queries.values)
    self.init(name: name, metric: metric, base: base, queries: queries, contentHash: hash.hex())
  }
}
