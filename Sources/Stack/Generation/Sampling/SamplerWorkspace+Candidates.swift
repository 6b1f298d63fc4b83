internal import Kernels

/// The candidates of a row, in the order of their ids, and cutting off the least of them.
extension SamplerWorkspace {
  func key(_ index: Int) -> UInt64 { CandidateOrder.key(logit: logits[index], id: ids[index]) }

  /// Makes the whole row candidates; what is no number counts as the lowest.
  func takeAll(_ row: UnsafeBufferPointer<Float>) -> Int {
    for index in 0..<row.count {
      ids[index] = Int32(index)
      logits[index] = row[index].isNaN ? -.infinity : row[index]
    }
    return row.count
  }

  func mass(of count: Int) -> Double {
    var mass = 0.0
    for index in 0..<count { mass += Double(weights[index]) }
    return mass
  }

  /// The last key of the fewest leading candidates whose masses together reach `mass`.
  func leading(_ mass: Double, of count: Int, massOf: (Int) -> Float) -> UInt64 {
    for index in 0..<count {
      keys[index] = key(index)
      masses[index] = massOf(index)
    }
    return CandidateOrder.leading(mass, keys: keys, masses: masses, count: count)
  }

  /// Leaves the candidates up to a key, in the order of their ids, with their weights; how many they are.
  func keep(upTo last: UInt64, of count: Int) -> Int {
    var kept = 0
    for index in 0..<count where key(index) <= last {
      ids[kept] = ids[index]
      logits[kept] = logits[index]
      weights[kept] = weights[index]
      kept += 1
    }
    return kept
  }
}
