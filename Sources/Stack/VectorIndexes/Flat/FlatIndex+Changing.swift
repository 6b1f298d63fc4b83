import Kernels

extension FlatIndex {
  /// - Complexity: amortised O(rows · dimension).
  public func add(_ vectors: Span<Float>, ids: Span<Int64>) throws {
    let rows = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    try lock.write {
      try VectorBatch.validateIDs(ids, rows: rows) { present.contains($0) }
      let first = store.count
      try store.resize(to: first + rows)
      vectors.withUnsafeBufferPointer { values in
        for row in 0..<rows {
          VectorBatch.prepare(
            values.baseAddress! + row * dimension, dimension: dimension, metric: metric,
            into: store.floats.base + (first + row) * dimension)
          store.ids[first + row] = ids[row]
          present.insert(ids[row])
        }
      }
      if codes != .none, store.count >= Self.codedFrom, store.count >= 2 * meanRows, meanRows < Self.steadyMean {
        encodeAll()
      } else if meanRows > 0 {
        encode(first..<store.count)
      }
    }
  }

  /// Takes the mean over all vectors again and gives back memory reserved for growth.
  public func optimize() throws {
    lock.write {
      if meanRows > 0, meanRows != store.count { encodeAll() }
      store.trim()
    }
  }

  @discardableResult
  public func remove(ids: Span<Int64>) throws -> Int {
    try lock.write {
      var gone = Set<Int64>()
      for index in 0..<ids.count where ids[index] >= 0 && present.remove(ids[index]) { gone.insert(ids[index]) }
      if gone.isEmpty { return 0 }
      try store.resize(to: store.count)
      // The last row takes the place of each that goes.
      var place = 0
      var end = store.count
      while place < end {
        if gone.contains(store.ids[place]) {
          end -= 1
          if place < end { store.copyRow(end, of: store, to: place) }
        } else {
          place += 1
        }
      }
      try store.resize(to: end)
      return gone.count
    }
  }

  /// Encodes every row round the mean of all of them.
  private func encodeAll() {
    let values = ScalarQuantizer.mean(of: store.floats.base, count: store.count, dimension: dimension)
    let quantizer = takeMean(values, over: store.count)
    do {
      try store.recode(.scalar(quantizer), bounded: true)
      encode(0..<store.count)
    } catch {
      // Without memory for codes the search reads every vector, which is slower and as exact.
      store.dropCodes()
      meanRows = 0
    }
  }

  /// Measures codes from this mean; returns the quantiser for them.
  func takeMean(_ values: [Float], over rows: Int) -> ScalarQuantizer {
    for j in 0..<dimension { mean[j] = values[j] }
    meanRows = rows
    reference = RowReference(
      vector: UnsafePointer(mean), gap: 0,
      norm: Quantization.squaredNorm(mean, dimension: dimension).squareRoot() * (1 + 0x1p-40))
    return ScalarQuantizer(
      layout: layout(over: rows), metric: metric, mean: values, scaleRule: .leastSquares)
  }

  /// 8 bits discard more rows, and cost as little to read while all of them stay in a core's own cache; beyond it a scan is
  /// bound by memory, and 4 bits are half of it.
  private func layout(over rows: Int) -> CodeLayout {
    switch codes {
    case .sq8: .bits8
    case .auto: rows * dimension <= Self.cachedBytes ? .bits8 : .bits4
    case .sq4, .none: .bits4
    }
  }

  private func encode(_ places: Range<Int>) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
      for place in places {
        store.encode(
          store.floats.base + place * dimension, reference: reference, at: place, scratch: bytes.baseAddress!)
      }
    }
  }
}
