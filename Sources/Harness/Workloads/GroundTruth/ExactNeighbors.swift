package import Datasets
internal import Kernels

/// The exact nearest neighbours of queries, found without any index of the stack: float32 scores by matrix tiles pick
/// candidates with a proven error bound, and double precision decides among them.
package struct ExactNeighbors {
  private let base: VectorSet
  private let metric: DatasetMetric
  /// The k nearest of each query are wanted.
  private let k: Int
  private let kernels = Kernels.active
  /// Squared norm of each base row under L2, its inverse norm under cosine; empty under inner product.
  private let rowTerms: [Float]
  private let largestNorm: Double

  /// Rows scored at once: 32 panels of a query tile stay in a core's cache at any usual dimension.
  private static let chunkRows = 1_024
  private static let tileQueries = 32
  /// Candidates kept beyond k; where more rows than that lie within the error bound, the query is scanned again.
  private static let slack = 64

  /// - Throws: `EngineError` for k outside 1...rows, differing dimensions, NaN or infinity, and a zero vector under cosine.
  package static func of(
    _ queries: VectorSet, in base: VectorSet, metric: DatasetMetric, k: Int, threads: Int
  ) throws -> GroundTruth {
    guard k >= 1, k <= base.count else {
      throw EngineError(
        "k = \(k) asks for more neighbours than there are vectors (\(base.count)); choose 1...\(base.count)")
    }
    guard queries.dimension == base.dimension else {
      throw EngineError(
        "queries of \(queries.dimension) dimensions cannot be compared with vectors of \(base.dimension)")
    }
    let search = try ExactNeighbors(base, metric: metric, k: k, threads: threads)
    return try search.neighbors(of: queries, threads: threads)
  }

  private init(_ base: VectorSet, metric: DatasetMetric, k: Int, threads: Int) throws {
    self.base = base
    self.metric = metric
    self.k = k
    let norms = try Norms(of: base, metric: metric, threads: threads, what: "vector")
    largestNorm = norms.largest
    switch metric {
    case .l2: rowTerms = norms.squared.map { Float($0) }
    case .cosine: rowTerms = norms.squared.map { Float(1 / $0.squareRoot()) }
    case .ip: rowTerms = []
    }
  }

  private func neighbors(of queries: VectorSet, threads: Int) throws -> GroundTruth {
    let norms = try Norms(of: queries, metric: metric, threads: threads, what: "query")
    let lists = CandidateLists(count: queries.count, keep: k + Self.slack, room: Self.chunkRows)
    let d = base.dimension
    let panelValues = Panels.floatCount(rows: Self.chunkRows, dimension: d)
    // Sendable: each panel is written by one worker before the crew that reads it starts.
    nonisolated(unsafe) let panels = UnsafeMutableBufferPointer<Float>.allocate(capacity: panelValues)
    defer { panels.deallocate() }
    for start in stride(from: 0, to: base.count, by: Self.chunkRows) {
      let rows = min(Self.chunkRows, base.count - start)
      let panelCount = Panels.count(rows: rows)
      Parallel.forEach(count: panelCount, threads: threads) { _, range in
        for panel in range { pack(panel, ofChunk: start, rows: rows, into: panels) }
      }
      let tiles = (queries.count + Self.tileQueries - 1) / Self.tileQueries
      Parallel.forEach(count: tiles, threads: threads) { _, range in
        for tile in range {
          let first = tile * Self.tileQueries
          score(
            queries, first..<min(queries.count, first + Self.tileQueries), norms, panels, panelCount,
            rows: start..<start + rows, into: lists)
        }
      }
    }
    return finish(queries, norms, lists, threads: threads)
  }

  /// Interleaves the rows of one panel of the chunk that begins at `start`.
  private func pack(_ panel: Int, ofChunk start: Int, rows: Int, into panels: UnsafeMutableBufferPointer<Float>) {
    let d = base.dimension
    let first = panel * Kernels.panelRows
    base.values.withUnsafeBufferPointer { values in
      guard let from = values.baseAddress, let to = panels.baseAddress else { return }
      Panels.pack(
        from + (start + first) * d, rows: min(Kernels.panelRows, rows - first), stride: d, dimension: d,
        into: to + first * d)
    }
  }

  private func score(
    _ queries: VectorSet, _ tile: Range<Int>, _ norms: Norms, _ panels: UnsafeMutableBufferPointer<Float>,
    _ panelCount: Int, rows: Range<Int>, into lists: CandidateLists
  ) {
    let d = base.dimension
    let width = panelCount * Kernels.panelRows
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tile.count * width) { scores in
      guard let out = scores.baseAddress, let panels = UnsafePointer(panels.baseAddress) else { return }
      queries.values.withUnsafeBufferPointer { values in
        guard let q = values.baseAddress else { return }
        kernels.ipPanels(q + tile.lowerBound * d, tile.count, d, panels, panelCount, d, out, width)
      }
      for query in tile {
        let line = out + (query - tile.lowerBound) * width
        approximate(line, rows)
        lists.offer(line, rows, to: query, kernels)
      }
    }
  }

  /// Turns inner products into scores that order rows as the metric does (a term of the query alone left out).
  private func approximate(_ line: UnsafeMutablePointer<Float>, _ rows: Range<Int>) {
    rowTerms.withUnsafeBufferPointer { terms in
      switch metric {
      case .ip: for i in 0..<rows.count { line[i] = -line[i] }
      case .l2: for i in 0..<rows.count { line[i] = terms[rows.lowerBound + i] - 2 * line[i] }
      case .cosine: for i in 0..<rows.count { line[i] = -line[i] * terms[rows.lowerBound + i] }
      }
    }
  }

  /// How far a float32 score can lie from the true one: n roundings of a sum of n products change it by at most
  /// n·2⁻²⁴·|q||x| (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1), doubled for the terms around it.
  private func error(queryNorm: Double) -> Double {
    let unit = Double(base.dimension + 8) * 0x1p-23
    return switch metric {
    case .ip: unit * queryNorm * largestNorm
    case .l2: unit * (2 * queryNorm * largestNorm + largestNorm * largestNorm)
    case .cosine: unit * queryNorm
    }
  }

  private func finish(_ queries: VectorSet, _ norms: Norms, _ lists: CandidateLists, threads: Int) -> GroundTruth {
    // Sendable: each query's places in both buffers are written by the one worker that has it.
    nonisolated(unsafe) let ids = UnsafeMutableBufferPointer<Int32>.allocate(capacity: queries.count * k)
    // Sendable: as the ids.
    nonisolated(unsafe) let distances = UnsafeMutableBufferPointer<Float>.allocate(capacity: queries.count * k)
    defer {
      ids.deallocate()
      distances.deallocate()
    }
    Parallel.forEach(count: queries.count, threads: threads, grain: 8) { _, range in
      for query in range {
        let norm = norms.squared[query].squareRoot()
        let error = error(queryNorm: norm)
        var exact = rescore(lists.rows(of: query), queries, query, norms.squared[query])
        if let left = lists.bound(of: query), left <= Float(offset(exact[k - 1].distance, norm: norm) + 2 * error) {
          exact = rescan(
            queries, query, norms.squared[query], below: offset(exact[k - 1].distance, norm: norm) + 2 * error)
        }
        for (place, hit) in exact.prefix(k).enumerated() {
          ids[query * k + place] = hit.row
          distances[query * k + place] = Float(hit.distance)
        }
      }
    }
    return GroundTruth(k: k, neighbors: Array(ids), distances: Array(distances))
  }

  private struct Hit {
    var distance: Double
    var row: Int32
  }

  /// A true distance as the score that `approximate` would give it without rounding.
  private func offset(_ distance: Double, norm: Double) -> Double {
    switch metric {
    case .ip: distance
    case .l2: distance - norm * norm
    case .cosine: (distance - 1) * norm
    }
  }

  private func rescore(_ rows: [Int32], _ queries: VectorSet, _ query: Int, _ squaredNorm: Double) -> [Hit] {
    rows.map { Hit(distance: distance(queries, query, squaredNorm, row: Int($0)), row: $0) }
      .sorted { ($0.distance, $0.row) < ($1.distance, $1.row) }
  }

  /// Every row whose score may be below the bound, in double precision: for sets with many equal distances.
  private func rescan(_ queries: VectorSet, _ query: Int, _ squaredNorm: Double, below bound: Double) -> [Hit] {
    let d = base.dimension
    var scores = [Float](repeating: 0, count: base.count)
    scores.withUnsafeMutableBufferPointer { scores in
      queries.values.withUnsafeBufferPointer { q in
        base.values.withUnsafeBufferPointer { rows in
          guard let q = q.baseAddress, let rows = rows.baseAddress, let out = scores.baseAddress else { return }
          kernels.ipRows(q + query * d, rows, d, d, base.count, out)
          approximate(out, 0..<base.count)
        }
      }
    }
    let limit = Float(bound).nextUp
    return rescore((0..<Int32(base.count)).filter { scores[Int($0)] <= limit }, queries, query, squaredNorm)
  }

  private func distance(_ queries: VectorSet, _ query: Int, _ squaredNorm: Double, row: Int) -> Double {
    let d = base.dimension
    return queries.values.withUnsafeBufferPointer { queries in
      base.values.withUnsafeBufferPointer { rows in
        var product = 0.0
        var square = 0.0
        var difference = 0.0
        for j in 0..<d {
          let q = Double(queries[query * d + j])
          let x = Double(rows[row * d + j])
          product += q * x
          square += x * x
          difference += (q - x) * (q - x)
        }
        return switch metric {
        case .l2: difference
        case .ip: -product
        case .cosine: 1 - product / (squaredNorm * square).squareRoot()
        }
      }
    }
  }
}
