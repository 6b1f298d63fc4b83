import Kernels

extension IVFIndex {
  /// - Complexity: O((nlist + rows of the probed lists) · dimension) on codes, and O(dimension) for each row whose distance
  ///   is computed.
  @discardableResult
  public func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    guard query.count == dimension else { throw VectorBatch.wrongDimension(query.count, dimension) }
    return try searchBatch(query, k: k, parameters: parameters, filter: filter, threads: 1, into: &results)
  }

  /// Queries that look into the same list scan it together.
  @discardableResult
  public func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    let count = try VectorBatch.validateSearch(
      queries, k: k, places: results.count, dimension: dimension, metric: metric)
    if count == 0 { return SearchStatistics() }
    guard parameters.nprobe >= 0, parameters.rerank >= 0 else {
      throw VectorIndexError.invalidArgument(
        "nprobe is \(parameters.nprobe) and rerank \(parameters.rerank); neither can be negative")
    }
    return try lock.read {
      guard let coarse else { throw VectorIndexError.notTrained(kind: self.parameters.coding.rawValue) }
      let request = Request(
        k: k, probes: min(parameters.nprobe > 0 ? parameters.nprobe : self.parameters.nprobe, coarse.count),
        candidates: self.parameters.candidates(k: k, asked: parameters.rerank), filter: filter)
      return queries.withUnsafeBufferPointer { queries in
        results.withUnsafeMutableBufferPointer { results in
          BatchSearch.run(count: count, threads: threads, pool: scratch) { worker, range in
            find(
              queries.baseAddress! + range.lowerBound * dimension, count: range.count, request, coarse, worker,
              into: results.baseAddress! + range.lowerBound * k)
          }
        }
      }
    }
  }

  struct Request {
    var k: Int
    var probes: Int
    /// Places collected by score before distances are computed; 0 for none.
    var candidates: Int
    var filter: IDFilter?
  }

  private func find(
    _ queries: UnsafePointer<Float>, count: Int, _ request: Request, _ coarse: CoarseQuantizer, _ scratch: IVFScratch,
    into results: UnsafeMutablePointer<Neighbor>
  ) -> SearchStatistics {
    let own = scratch.scan
    var encoder = coarse.quantizer
    // Codes of a query hold for every scalar layout; only the padding differs.
    if case .scalar(let quantizer) = codec { encoder = quantizer }
    var stride = encoder.paddedDimension
    store.prepare(queries, count: count, quantizer: encoder, scratch: own)
    coarse.nearest(count: count, lists: request.probes, codeStride: stride, scratch: own)
    if case .product(let quantizer) = codec {
      own.encodeTables(count: count, dimension: dimension, quantizer: quantizer)
      stride = quantizer.tableBytes
    }
    scratch.prepare(
      probes: count * request.probes, listCount: coarse.count, codeBytes: count > 1 ? count * stride : 0)
    for query in 0..<count { takeProbes(query, request, scratch) }
    if count == 1 {
      scanLists(of: 0, request, coarse, scratch, stride: stride)
    } else {
      // The nearest list of every query first: what is found there lets most of the others' rows be discarded.
      scanByList(0..<1, count: count, request, coarse, scratch, stride: stride)
      scanByList(1..<request.probes, count: count, request, coarse, scratch, stride: stride)
    }
    var sum = SearchStatistics()
    for query in 0..<count {
      let state = own.states + query
      if store.bound != nil { store.finish(state, scratch: own) }
      if request.candidates > 0 { store.rerank(state, k: request.k, scratch: own) }
      state.pointee.statistics.visited = request.probes
      state.pointee.statistics.found = state.pointee.heap.write(into: results + query * request.k, k: request.k)
      sum += state.pointee.statistics
    }
    return sum
  }

  /// Keeps the lists found for a query and makes its state ready for rows.
  private func takeProbes(_ query: Int, _ request: Request, _ scratch: IVFScratch) {
    let state = scratch.scan.states + query
    let coarseWork = state.pointee.statistics.distances
    state.pointee.heap.sort()
    for probe in 0..<request.probes {
      // Fewer are found only when there are fewer lists, and `probes` is limited to those.
      let found = state.pointee.heap.places[probe]
      scratch.lists[query * request.probes + probe] = Int32(truncatingIfNeeded: found.id)
      scratch.distances[query * request.probes + probe] = found.distance
    }
    let wanted = max(request.k, request.candidates)
    state.pointee.reset(k: min(wanted, max(present.count, 1)), vector: state.pointee.vector)
    state.pointee.statistics.distances = coarseWork
  }

  private func scanLists(
    of query: Int, _ request: Request, _ coarse: CoarseQuantizer, _ scratch: IVFScratch, stride: Int
  ) {
    let own = scratch.scan
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1) { member in
      member[0] = Int32(truncatingIfNeeded: query)
      var task = ScanTask(
        places: 0..<0, members: UnsafePointer(member.baseAddress!), count: 1, codes: own.codes + query * stride,
        codeStride: stride, filter: request.filter, collectsPlaces: request.candidates > 0)
      for probe in 0..<request.probes {
        let list = Int(scratch.lists[query * request.probes + probe])
        if lists.size(list) == 0 { continue }
        aim(query, at: list, distance: scratch.distances[query * request.probes + probe], coarse, own)
        scan(list, &task, own)
      }
    }
  }

  /// Scans list by list for all queries that have it among the probes of these ranks.
  private func scanByList(
    _ ranks: Range<Int>, count: Int, _ request: Request, _ coarse: CoarseQuantizer, _ scratch: IVFScratch, stride: Int
  ) {
    if ranks.isEmpty { return }
    let own = scratch.scan
    groupByList(ranks, count: count, request, coarse, scratch)
    var first = 0
    for list in 0..<coarse.count {
      let end = Int(scratch.starts[list])
      defer { first = end }
      if end == first || lists.size(list) == 0 { continue }
      for member in first..<end {
        let query = Int(scratch.members[member])
        aim(query, at: list, distance: scratch.memberDistances[member], coarse, own)
        (scratch.codes + (member - first) * stride).update(from: own.codes + query * stride, count: stride)
      }
      var task = ScanTask(
        places: 0..<0, members: UnsafePointer(scratch.members + first), count: end - first,
        codes: UnsafePointer(scratch.codes), codeStride: stride, filter: request.filter,
        collectsPlaces: request.candidates > 0)
      scan(list, &task, own)
    }
  }

  private func scan(_ list: Int, _ task: inout ScanTask, _ scratch: ScanScratch) {
    lists.forEachRange(list) { range in
      if !codec.isNone {
        task.places = range
        store.scan(task, scratch: scratch)
        return
      }
      for member in 0..<task.count {
        let state = scratch.states + Int(task.members[member])
        store.scanOriginals(state, places: range, filter: task.filter, scratch: scratch)
      }
    }
  }

  /// Sorts the probes of these ranks by list; afterwards `starts[list]` is where the list's members end.
  private func groupByList(
    _ ranks: Range<Int>, count: Int, _ request: Request, _ coarse: CoarseQuantizer, _ scratch: IVFScratch
  ) {
    let starts = scratch.starts
    starts.update(repeating: 0, count: coarse.count + 1)
    for query in 0..<count {
      for rank in ranks { starts[Int(scratch.lists[query * request.probes + rank]) + 1] += 1 }
    }
    for list in 0..<coarse.count { starts[list + 1] += starts[list] }
    for query in 0..<count {
      for rank in ranks {
        let probe = query * request.probes + rank
        let list = Int(scratch.lists[probe])
        let place = Int(starts[list])
        scratch.members[place] = Int32(truncatingIfNeeded: query)
        scratch.memberDistances[place] = scratch.distances[probe]
        starts[list] += 1
      }
    }
  }

  /// Sets what the query brings to the rows of a list.
  @inline(__always)
  private func aim(
    _ query: Int, at list: Int, distance: Float, _ coarse: CoarseQuantizer, _ scratch: ScanScratch
  ) {
    let state = scratch.states + query
    var code = state.pointee.code
    if case .scalar(let quantizer) = codec { code.offset = Int32(quantizer.layout.zero) &* code.sum }
    // The coarse search answers |q − c|² or −q·c, and so what is constant in the distances of the list's rows.
    let terms = coarse.lists[list]
    let constant = distance * terms.length
    if let bound = store.bound {
      state.pointee.panel = bound.query(code, centroidDistance: constant, centroid: terms)
    } else {
      state.pointee.panel = PanelQuery(
        offset: code.offset, weight: code.weight,
        constant: (metric == .cosine ? 1 + constant : constant) + code.tableBase)
    }
  }
}
