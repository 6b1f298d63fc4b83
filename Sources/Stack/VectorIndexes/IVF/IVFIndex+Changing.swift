import Kernels

extension IVFIndex {
  /// - Complexity: amortised O(rows · (nlist + dimension)).
  public func add(_ vectors: Span<Float>, ids: Span<Int64>) throws {
    let rows = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    guard let coarse = lock.read({ coarse }) else {
      throw VectorIndexError.notTrained(kind: parameters.coding.rawValue)
    }
    // Lists are found while searches run on; `train` cannot come between, as it would find rows or change nothing.
    let prepared = GrowableBuffer<Float>()
    try prepared.resize(to: rows * dimension)
    vectors.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        VectorBatch.prepare(
          values.baseAddress! + row * dimension, dimension: dimension, metric: metric,
          into: prepared.base + row * dimension)
      }
    }
    var assigned = [Int32](repeating: 0, count: rows)
    assigned.withUnsafeMutableBufferPointer { assigned in
      guard rows > 0 else { return }
      coarse.assign(
        prepared.base, count: rows, threads: parameters.threads, pool: training, into: assigned.baseAddress!)
    }
    try lock.write {
      guard self.coarse === coarse else {
        throw VectorIndexError.invalidArgument("the index was trained again while vectors were added; add them again")
      }
      try VectorBatch.validateIDs(ids, rows: rows) { present.contains($0) }
      if rows == 0 { return }
      try ids.withUnsafeBufferPointer { ids in
        let addition = Addition(rows: UnsafePointer(prepared.base), ids: ids.baseAddress!, lists: assigned)
        if rows * 4 >= present.count { try compact(with: addition) } else { try append(addition) }
      }
      for row in 0..<rows { present.insert(ids[row]) }
    }
  }

  /// Moves all lists side by side and gives back memory reserved for growth.
  public func optimize() throws {
    try lock.write {
      if !lists.isCompact { try compact(with: nil) }
      store.trim()
    }
    training.removeAll()
  }

  @discardableResult
  public func remove(ids: Span<Int64>) throws -> Int {
    try lock.write {
      var gone = Set<Int64>()
      for index in 0..<ids.count where ids[index] >= 0 && present.contains(ids[index]) { gone.insert(ids[index]) }
      if gone.isEmpty { return 0 }
      // Copies a mapped file into memory.
      try store.resize(to: store.count)
      for list in 0..<lists.starts.count { removeRows(of: list, gone) }
      for id in gone { _ = present.remove(id) }
      return gone.count
    }
  }

  /// The last row of the list takes the place of each that goes.
  private func removeRows(of list: Int, _ gone: Set<Int64>) {
    var places: [Int] = []
    lists.forEachRange(list) { range in
      for place in range where gone.contains(store.ids[place]) { places.append(place) }
    }
    // From the back, so that the row that moves is never one that goes.
    for place in places.reversed() {
      let last = lists.removeLast(of: list)
      if last != place { store.copyRow(last, of: store, to: place) }
    }
  }

  /// Prepared rows on their way into lists.
  struct Addition {
    let rows: UnsafePointer<Float>
    let ids: UnsafePointer<Int64>
    let lists: [Int32]
  }

  /// Writes rows into their places, which differ.
  private func write(_ addition: Addition, to places: [Int], of store: RowStore) {
    // Workers write different places, and nobody reads meanwhile.
    nonisolated(unsafe) let addition = addition
    let coarse = coarse!
    Parallel.forEach(count: places.count, threads: parameters.threads, grain: 512) { _, range in
      withUnsafeTemporaryAllocation(byteCount: store.codec.scratchBytes(dimension: dimension), alignment: 64) { bytes in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { vector in
          for row in range {
            store.store(
              addition.rows + row * dimension, id: addition.ids[row],
              reference: coarse.reference(Int(addition.lists[row]), into: vector.baseAddress!), at: places[row],
              scratch: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
          }
        }
      }
    }
  }

  /// Puts rows into panels behind the lists.
  private func append(_ addition: Addition) throws {
    var grown = lists
    var end = lists.chained + lists.chainedPlaces
    var places: [Int] = []
    places.reserveCapacity(addition.lists.count)
    for list in addition.lists { places.append(grown.append(to: Int(list), end: &end)) }
    try store.resize(to: max(end, store.count))
    lists = grown
    write(addition, to: places, of: store)
  }

  /// Builds a store in which every list's rows lie side by side, those of the addition behind its old ones.
  func compact(with addition: Addition?) throws {
    var sizes = (0..<lists.starts.count).map { lists.size($0) }
    if let addition { for list in addition.lists { sizes[Int(list)] += 1 } }
    let packed = InvertedLists(sizes: sizes)
    let moved = Self.store(dimension, metric, parameters, codec: codec)
    try moved.resize(to: packed.rows)
    var next = packed.starts
    for list in next.indices {
      lists.forEachRange(list) { range in
        for place in range {
          moved.copyRow(place, of: store, to: next[list])
          next[list] += 1
        }
      }
    }
    if let addition {
      var places: [Int] = []
      places.reserveCapacity(addition.lists.count)
      for list in addition.lists {
        places.append(next[Int(list)])
        next[Int(list)] += 1
      }
      write(addition, to: places, of: moved)
    }
    store = moved
    lists = packed
  }
}
