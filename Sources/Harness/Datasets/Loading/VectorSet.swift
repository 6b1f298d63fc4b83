import Files

/// Float32 vectors of one dimension, row-major and without gaps.
public struct VectorSet: Sendable, Equatable {
  public let dimension: Int
  /// `count × dimension` values.
  public let values: [Float]

  public var count: Int { dimension == 0 ? 0 : values.count / dimension }

  /// - Throws: `DataError.invalid` if the values do not fill whole rows.
  public init(dimension: Int, values: [Float]) throws {
    guard dimension > 0, values.count.isMultiple(of: dimension) else {
      throw DataError.invalid("\(values.count) values do not fill rows of \(dimension)")
    }
    self.dimension = dimension
    self.values = values
  }

  /// Row `index`, without a copy of the whole.
  public func row(_ index: Int) -> ArraySlice<Float> { values[index * dimension..<(index + 1) * dimension] }
}
