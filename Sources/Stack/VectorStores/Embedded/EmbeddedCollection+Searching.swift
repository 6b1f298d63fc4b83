import Synchronization
import VectorIndexes

/// The rows that a filter leaves, as of one version of the collection.
struct CachedFilter: Sendable {
  var text: String
  var version: UInt64
  var allowed: IDFilter
}

extension EmbeddedCollection {
  /// Filters whose rows are remembered until the next write.
  private static var rememberedFilters: Int { 8 }

  /// - Throws: `VectorStoreError`.
  func search(_ request: SearchRequest) throws -> [[SearchHit]] {
    _ = try request.check(schema)
    do {
      let hits = try ranked(request)
      if request.outputFields == .none { return hits.map { $0.map(\.hit) } }
      if let answered = try withFields(hits, request.outputFields) { return answered }
      // A row went between being found and being read. With writers kept out, none can.
      return try writing.withLock { _ in try withFields(try ranked(request), request.outputFields) ?? [] }
    } catch VectorIndexError.invalidVector(let row, let reason) {
      throw VectorStoreError.invalidArgument("vector \(row) of the search \(reason)")
    } catch let error as VectorIndexError {
      throw VectorStoreError.invalidArgument("\(error)")
    }
  }

  private struct Found {
    var row: Int64
    var hit: SearchHit
  }

  /// The nearest rows by index and tail together.
  private func ranked(_ request: SearchRequest) throws -> [[Found]] {
    let allowed = try request.filter.map { try rows(matching: $0) }
    let queries = request.vectors.count / schema.dimension
    return try read { state in
      let k = min(request.limit, state.keys.count, allowed?.count ?? .max)
      guard k > 0, queries > 0 else { return [[Found]](repeating: [], count: queries) }
      var lists: [[Neighbor]] = []
      if let index = state.index { lists.append(try neighbors(of: request, queries, k, allowed, in: index)) }
      if request.consistency == .strong, state.tail.count > 0 {
        lists.append(try neighbors(of: request, queries, k, allowed, in: state.tail))
      }
      return (0..<queries).map { query in
        let places = query * k..<(query + 1) * k
        var nearest: ArraySlice<Neighbor> = lists.first?[places] ?? []
        for list in lists.dropFirst() { nearest = Self.merge(nearest, list[places]) }
        return nearest.compactMap { neighbor in
          state.keys[neighbor.id].map {
            Found(row: neighbor.id, hit: SearchHit(key: $0, distance: distance(neighbor.distance)))
          }
        }
      }
    }
  }

  private func neighbors(
    of request: SearchRequest, _ queries: Int, _ k: Int, _ allowed: IDFilter?, in index: any VectorIndex
  ) throws -> [Neighbor] {
    var neighbors = [Neighbor](repeating: .none, count: queries * k)
    var results = neighbors.mutableSpan
    if queries == 1 {
      try index.search(request.vectors.span, k: k, parameters: request.parameters, filter: allowed, into: &results)
    } else {
      try index.searchBatch(
        request.vectors.span, k: k, parameters: request.parameters, filter: allowed, threads: request.threads,
        into: &results)
    }
    return neighbors
  }

  /// The nearest of two lists that are as long, each nearest first; empty places come last.
  private static func merge(_ a: ArraySlice<Neighbor>, _ b: ArraySlice<Neighbor>) -> ArraySlice<Neighbor> {
    var merged: ArraySlice<Neighbor> = []
    merged.reserveCapacity(a.count)
    var (i, j) = (a.startIndex, b.startIndex)
    while merged.count < a.count {
      let (x, y) = (a[i], b[j])
      if y.id < 0 || (x.id >= 0 && (x.distance, x.id) < (y.distance, y.id)) {
        merged.append(x)
        i += 1
      } else {
        merged.append(y)
        j += 1
      }
    }
    return merged
  }

  /// As Milvus states it, where an index has smaller for nearer.
  private func distance(_ distance: Float) -> Float {
    switch metric {
    case .l2: distance
    case .ip: -distance
    case .cosine: 1 - distance
    }
  }

  /// nil where a row is not there any more.
  private func withFields(_ hits: [[Found]], _ wanted: OutputFields) throws -> [[SearchHit]]? {
    try connection.use { file in
      var answered: [[SearchHit]] = []
      for list in hits {
        var answer: [SearchHit] = []
        answer.reserveCapacity(list.count)
        for found in list {
          guard let fields = try file.fields(found.row, of: id, wanted) else { return nil }
          var hit = found.hit
          hit.fields = fields
          answer.append(hit)
        }
        answered.append(answer)
      }
      return answered
    }
  }

  /// The rows that match now.
  ///
  /// - Complexity: O(rows) for a filter that is new since the last write.
  func rows(matching text: String) throws -> IDFilter {
    let (version, count) = read { ($0.version, $0.keys.count) }
    let known = filters.withLock { cache in
      cache.removeAll { $0.version != version }
      return cache.first { $0.text == text }?.allowed
    }
    if let known { return known }
    let filter = try Filter(text)
    let allowed = IDFilter(
      try connection.use { try $0.matchingRows(filter, of: id, schema.keyType, among: count) })
    filters.withLock { cache in
      if cache.count >= Self.rememberedFilters { cache.removeFirst() }
      cache.append(CachedFilter(text: text, version: version, allowed: allowed))
    }
    return allowed
  }

  private struct KeyedRow {
    var row: Int64
    var key: PrimaryKey
  }

  /// - Throws: `VectorStoreError`.
  func query(_ request: QueryRequest) throws -> [StoreRow] {
    try request.check()
    let allowed = try request.filter.map { try rows(matching: $0) }
    let found = read { (state) -> [KeyedRow] in
      let rows = allowed?.ids ?? state.keys.rows
      return rows.compactMap { row in state.keys[row].map { KeyedRow(row: row, key: $0) } }
    }
    let page = found.sorted { $0.key.precedes($1.key) }.dropFirst(request.offset).prefix(request.limit ?? .max)
    return try connection.use { file in
      // A row that went in between is no answer any more.
      try page.compactMap { (found) -> StoreRow? in
        guard let fields = try file.fields(found.row, of: id, request.outputFields) else { return nil }
        let vector =
          request.includesVectors ? try file.vector(found.row, of: id, dimension: schema.dimension) : []
        return StoreRow(key: found.key, vector: vector, fields: fields)
      }
    }
  }
}

extension PrimaryKey {
  /// Integers by value, strings by their bytes.
  fileprivate func precedes(_ other: PrimaryKey) -> Bool {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): a < b
    case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    case (.integer, .string): true
    case (.string, .integer): false
    }
  }
}
