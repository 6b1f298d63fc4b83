import Synchronization
import VectorIndexes

/// Loading, building and saving the index.
extension EmbeddedCollection {
  /// Rows handed to an index at a time.
  private static var batch: Int { 16_384 }

  /// Reads what a search needs. Rows that the saved index does not hold go to the tail; where there is no whole index of
  /// the rows it should hold, one is built from the rows.
  func load(_ saved: SavedIndex, notice: (String) -> Void) throws {
    var keys = RowKeys()
    var indexed = 0
    let removed = try connection.use { file in
      try file.forEachKey(of: id, schema.keyType) { row, key in
        keys.insert(key, at: row)
        if row <= saved.indexedThrough { indexed += 1 }
      }
      return try file.removedRows(of: id)
    }
    var index: (any VectorIndex)?
    if saved.generation > 0 {
      do {
        let found = try files.open(id, saved)
        try found.remove(ids: removed.span)
        guard found.count == indexed, found.dimension == schema.dimension, found.metric == metric else {
          throw VectorIndexError.invalidArgument("it holds \(found.count) vectors where the store has \(indexed) rows")
        }
        index = found
      } catch {
        notice("the index of collection '\(schema.name)' is built again, as it cannot be used: \(error)")
      }
    }
    change {
      $0.keys = keys
      $0.index = index
      $0.indexedThrough = saved.indexedThrough
    }
    if index == nil, indexed > 0 {
      try rebuild(through: saved.indexedThrough, rows: indexed)
    }
    let tail = try FlatIndex(dimension: schema.dimension, metric: metric)
    try append(to: tail, after: saved.indexedThrough)
    let held = tail.count + read { $0.index?.count ?? 0 }
    guard held == keys.count else { throw unequal(rows: keys.count, vectors: held) }
    change { $0.tail = tail }
  }

  /// Builds the index that was lost, of the same rows.
  private func rebuild(through last: Int64, rows: Int) throws {
    try writing.withLock { writing in
      let (index, trained) = try build(through: last)
      guard index.count == rows else { throw unequal(rows: rows, vectors: index.count) }
      change { $0.index = index }
      guard !files.isReadOnly else { return }
      try save(index, trained: trained, through: last, &writing)
    }
  }

  /// Takes the tail over into the index, and removed rows out of it, and saves it. Searches go on meanwhile; writes wait.
  ///
  /// An index that was learnt from less than half of the rows is built anew, others are added to. Where there are too few
  /// rows to learn from, a flat index stands in.
  func optimize() throws {
    try writing.withLock { writing in
      let last = writing.nextRow - 1
      let removed = try connection.use { try $0.removedRows(of: id) }
      let (rows, indexed) = read { ($0.keys.count, $0.index?.count ?? 0) }
      guard rows > 0 else {
        try clear(through: last, &writing)
        return
      }
      if rows == indexed, removed.isEmpty, !isOutgrown(writing.saved, rows: rows) { return }
      var made: (index: any VectorIndex, trained: Int)
      if indexed > 0, writing.saved.generation > 0, !isOutgrown(writing.saved, rows: rows),
        let grown = try? files.open(id, writing.saved)
      {
        try grown.remove(ids: removed.span)
        try append(to: grown, after: writing.saved.indexedThrough)
        try grown.optimize()
        made = (grown, writing.saved.trainedRows)
      } else {
        made = try build(through: last)
      }
      if made.index.count != rows { made = try build(through: last) }
      guard made.index.count == rows else { throw unequal(rows: rows, vectors: made.index.count) }
      try finish(made, through: last, &writing)
    }
  }

  private func unequal(rows: Int, vectors: Int) -> VectorStoreError {
    .unusable(
      path: connection.path,
      reason: "is damaged: collection '\(schema.name)' has \(rows) keys and \(vectors) vectors; restore it from a copy")
  }

  private func finish(
    _ made: (index: any VectorIndex, trained: Int), through last: Int64, _ writing: inout Writing
  ) throws {
    let tail = try FlatIndex(dimension: schema.dimension, metric: metric)
    try save(made.index, trained: made.trained, through: last, &writing)
    change {
      $0.index = made.index
      $0.tail = tail
      $0.indexedThrough = last
    }
  }

  /// Whether an index should be learnt again from the rows there are now.
  private func isOutgrown(_ saved: SavedIndex, rows: Int) -> Bool {
    guard let lists = trainingRows else { return false }
    return saved.trainedRows == 0 ? rows >= lists : rows > 2 * saved.trainedRows
  }

  /// The fewest rows that an index of this kind learns from; nil where it learns nothing.
  private var trainingRows: Int? {
    let index = try? IndexFactory.make(schema.index, dimension: schema.dimension, metric: metric)
    return (index as? IVFIndex)?.parameters.nlist
  }

  private func clear(through last: Int64, _ writing: inout Writing) throws {
    let saved = SavedIndex(generation: 0, indexedThrough: last)
    let old = writing.saved.generation
    guard writing.saved != saved else { return }
    try connection.use { try $0.adopt(saved, of: id) }
    writing.saved = saved
    let tail = try FlatIndex(dimension: schema.dimension, metric: metric)
    change {
      $0.index = nil
      $0.tail = tail
      $0.indexedThrough = last
    }
    if old > 0 { files.remove(id, old) }
  }

  private func save(_ index: any VectorIndex, trained: Int, through last: Int64, _ writing: inout Writing) throws {
    let old = writing.saved.generation
    var saved = SavedIndex(generation: old + 1, indexedThrough: last, trainedRows: trained)
    do {
      saved.seal = try files.save(index, id, saved.generation)
      try connection.use { try $0.adopt(saved, of: id) }
    } catch {
      files.remove(id, saved.generation)
      throw (error as? VectorStoreError) ?? VectorStoreError.unusable(path: files.folder, reason: "\(error)")
    }
    writing.saved = saved
    if old > 0 { files.remove(id, old) }
  }

  /// An index of all rows up to `last`, as the collection's specification says.
  private func build(through last: Int64) throws -> (index: any VectorIndex, trained: Int) {
    var index = try IndexFactory.make(schema.index, dimension: schema.dimension, metric: metric)
    var trained = 0
    if !index.isTrained, let parameters = (index as? IVFIndex)?.parameters {
      let sample = try sample(of: parameters.nlist * parameters.trainSize, through: last)
      trained = read { $0.keys.count }
      if sample.count / schema.dimension >= parameters.nlist {
        try index.train(sample.span)
      } else {
        trained = 0
        index = try FlatIndex(dimension: schema.dimension, metric: metric)
      }
    }
    try append(to: index, after: 0, through: last)
    try index.optimize()
    return (index, trained)
  }

  /// Vectors at even distances, `wanted` at most.
  private func sample(of wanted: Int, through last: Int64) throws -> [Float] {
    let rows = read { $0.keys.count }
    let taken = min(rows, wanted)
    var sample: [Float] = []
    sample.reserveCapacity(taken * schema.dimension)
    var place = 0
    try forEachBatch(after: 0, through: last) { ids, vectors in
      for row in 0..<ids.count {
        if place * taken / max(rows, 1) != (place + 1) * taken / max(rows, 1) {
          sample += vectors[row * schema.dimension..<(row + 1) * schema.dimension]
        }
        place += 1
      }
    }
    return sample
  }

  private func append(to index: any VectorIndex, after first: Int64, through last: Int64 = .max) throws {
    try forEachBatch(after: first, through: last) { try index.add($1.span, ids: $0.span) }
  }

  /// Reads rows in their order; the connection is free between two batches.
  private func forEachBatch(
    after first: Int64, through last: Int64, _ body: (_ ids: [Int64], _ vectors: [Float]) throws -> Void
  ) throws {
    var row = first
    while true {
      var ids: [Int64] = []
      var vectors: [Float] = []
      vectors.reserveCapacity(Self.batch * schema.dimension)
      try connection.use { file in
        try file.forEachVector(of: id, after: row, limit: Self.batch, dimension: schema.dimension) { number, vector in
          row = number
          if number > last { return }
          ids.append(number)
          vectors.append(contentsOf: vector.bindMemory(to: Float.self))
        }
      }
      if ids.isEmpty { return }
      try body(ids, vectors)
      if ids.count < Self.batch { return }
    }
  }
}
