import Files

/// Choosing and checking rows.
extension VectorSet {
  /// The first `limit` rows, or all where there are no more.
  ///
  /// - Throws: `DataError.invalid` for less than one.
  public func first(_ limit: Int?) throws -> VectorSet {
    guard let limit, limit < count else { return self }
    guard limit > 0 else { throw DataError.invalid("\(limit) rows were asked for; ask for at least one") }
    return try VectorSet(dimension: dimension, values: Array(values[..<(limit * dimension)]))
  }

  /// Takes `queries` rows out, drawn by `seed`; both parts keep the order of the rows.
  ///
  /// - Throws: `DataError.invalid` if no base row would be left.
  func holdingOut(_ queries: Int, seed: UInt64) throws -> (base: VectorSet, queries: VectorSet) {
    guard queries > 0, queries < count else {
      throw DataError.invalid(
        "\(queries) queries cannot be held out of \(count) vectors; at least one row must stay")
    }
    var random = Xoshiro256(seed: seed)
    let drawn = Set(random.sample(queries, below: count))
    var base: [Float] = []
    var asked: [Float] = []
    base.reserveCapacity((count - queries) * dimension)
    asked.reserveCapacity(queries * dimension)
    for index in 0..<count {
      if drawn.contains(index) { asked += row(index) } else { base += row(index) }
    }
    return (
      try VectorSet(dimension: dimension, values: base), try VectorSet(dimension: dimension, values: asked)
    )
  }

  /// The first row of nothing but zeros.
  var firstZeroRow: Int? { (0..<count).first(where: isZero) }

  func droppingZeroRows() throws -> VectorSet {
    guard firstZeroRow != nil else { return self }
    let kept = (0..<count).filter { !isZero($0) }
    return try VectorSet(dimension: dimension, values: kept.flatMap { row($0) })
  }

  private func isZero(_ row: Int) -> Bool {
    values.withUnsafeBufferPointer { buffer in
      (row * dimension..<(row + 1) * dimension).allSatisfy { buffer[$0] == 0 }
    }
  }
}
