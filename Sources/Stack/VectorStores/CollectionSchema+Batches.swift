import VectorIndexes

/// What every store refuses of a whole batch or search, before it sends or writes anything.
extension CollectionSchema {
  /// The vectors of rows that may be stored, row-major.
  ///
  /// - Throws: `invalidRow` with the first row that does not fit the collection or its index.
  /// - Complexity: O(rows · dimension).
  func vectors(of rows: [StoreRow]) throws(VectorStoreError) -> [Float] {
    var vectors: [Float] = []
    vectors.reserveCapacity(rows.count * dimension)
    for (index, row) in rows.enumerated() {
      do {
        try row.check(self)
      } catch {
        throw .invalidRow(row: index, reason: error.reason)
      }
      vectors += row.vector
    }
    do {
      try IndexFactory.check(vectors.span, for: self.index, dimension: dimension, metric: DistanceMetric(metric))
    } catch .invalidVector(let row, let reason) {
      throw .invalidRow(row: row, reason: "has a vector that \(reason)")
    } catch {
      throw .invalidArgument("\(error)")
    }
    return vectors
  }

  /// Of two rows with one key, none replaces the other. Keys are told apart by their bytes.
  ///
  /// - Throws: `invalidRow`; `duplicateKey` where the rows replace nothing.
  func checkKeys(of rows: [StoreRow], replaces: Bool) throws(VectorStoreError) {
    var integers: [Int64: Int] = [:]
    var texts: [[UInt8]: Int] = [:]
    for (index, row) in rows.enumerated() {
      let first: Int? =
        switch row.key {
        case .integer(let number): integers.updateValue(index, forKey: number)
        case .string(let text): texts.updateValue(index, forKey: Array(text.utf8))
        case nil: nil
        }
      guard let key = row.key, let first else { continue }
      guard replaces else { throw .duplicateKey(key, row: index) }
      throw .invalidRow(row: index, reason: "has the key \(key), as row \(first) has")
    }
  }

  /// - Throws: `invalidArgument` where keys are the store's.
  func checkReplacing() throws(VectorStoreError) {
    guard autoID else { return }
    throw .invalidArgument("collection '\(name)' gives keys itself, so that no row can be replaced; insert it")
  }

  /// Whether a row of the collection can have the key.
  func admits(_ key: PrimaryKey) -> Bool {
    switch key {
    case .integer: keyType == .integer
    case .string: keyType == .string
    }
  }
}

extension SearchRequest {
  /// - Returns: how many vectors it asks for.
  /// - Throws: `invalidArgument` for a limit, a number of threads or vectors that cannot be.
  func check(_ schema: CollectionSchema) throws(VectorStoreError) -> Int {
    guard limit > 0 else { throw .invalidArgument("limit is \(limit); ask for at least 1 hit") }
    guard (1...1024).contains(threads) else {
      throw .invalidArgument("threads is \(threads); it must be from 1 to 1024")
    }
    guard vectors.count % schema.dimension == 0 else {
      throw .invalidArgument(
        "\(vectors.count) values are no whole number of vectors of dimension \(schema.dimension), which collection "
          + "'\(schema.name)' has")
    }
    return vectors.count / schema.dimension
  }

  /// The same, and that every vector can be compared: an index of the stack refuses others by itself, a server answers oddly.
  ///
  /// - Throws: `invalidArgument` with the vector at fault.
  func checkVectors(_ schema: CollectionSchema) throws(VectorStoreError) -> Int {
    let queries = try check(schema)
    do {
      try IndexFactory.check(
        vectors.span, for: IndexSpecification(kind: "flat"), dimension: schema.dimension,
        metric: DistanceMetric(schema.metric))
    } catch .invalidVector(let row, let reason) {
      throw .invalidArgument("vector \(row) of the search \(reason)")
    } catch {
      throw .invalidArgument("\(error)")
    }
    return queries
  }
}

extension QueryRequest {
  /// - Throws: `invalidArgument` for a page that cannot be.
  func check() throws(VectorStoreError) {
    guard offset >= 0, limit ?? 0 >= 0 else {
      throw .invalidArgument("offset and limit of a query must be 0 or more")
    }
  }
}
