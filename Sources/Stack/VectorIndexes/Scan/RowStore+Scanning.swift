import Kernels

/// Rows to scan and for whom: the states at `members` of the scratch, whose codes lie side by side.
struct ScanTask {
  var places: Range<Int>
  var members: UnsafePointer<Int32>
  var count: Int
  var codes: UnsafePointer<Int8>
  /// Bytes between encoded queries.
  var codeStride: Int
  var filter: IDFilter?
  /// Whether scores are collected with the place, for re-ranking, instead of the id.
  var collectsPlaces: Bool
}

extension RowStore {
  /// Scans a range of places on codes for every member query; each member's `panel` must be set.
  ///
  /// With bounds, rows that may be among the k nearest become pending or get their distance; `finish` does the rest.
  /// Without, scores go into the heap.
  func scan(_ task: ScanTask, scratch: ScanScratch) {
    let width = Kernels.panelRows
    let queryBytes = task.codeStride
    let lastPanel = (task.places.upperBound + width - 1) / width
    let tile = min(task.count, ScanScratch.tileQueries)
    let panelsAtOnce = min(ScanScratch.rawCount / width / max(tile, 1), 64)
    var panel = task.places.lowerBound / width
    // Without a limit every row would become pending, and a loose one lets many pass: blocks grow from a few panels on, and
    // each tightens the limit for the next.
    var growing = bound != nil && scratch.states[Int(task.members[0])].limit == .infinity
    var most =
      growing ? min((scratch.states[Int(task.members[0])].heap.k + width - 1) / width, panelsAtOnce) : panelsAtOnce
    while panel < lastPanel {
      let block = min(most, lastPanel - panel)
      let rows =
        max(task.places.lowerBound - panel * width, 0)..<min(task.places.upperBound - panel * width, block * width)
      var done = 0
      while done < task.count {
        let queries = min(tile, task.count - done)
        products(
          task.codes + done * queryBytes, queries, queryBytes, panels: panel..<panel + block, scratch: scratch)
        for index in 0..<queries {
          let state = scratch.states + Int(task.members[done + index])
          let raw = scratch.raw + index * block * width
          if bound != nil {
            select(state, raw: raw, panel: panel, rows: rows, task: task, scratch: scratch)
          } else {
            rank(state, raw: raw, panel: panel, rows: rows, task: task)
          }
          state.pointee.statistics.distances += rows.count
          if growing { tighten(state, scratch: scratch) }
        }
        done += queries
      }
      panel += block
      growing = growing && most < panelsAtOnce
      most = min(2 * most, panelsAtOnce)
    }
  }

  /// Integer products of encoded queries with the rows of panels, a query's `panels.count` · 32 side by side.
  private func products(
    _ codes: UnsafePointer<Int8>, _ queries: Int, _ stride: Int, panels range: Range<Int>, scratch: ScanScratch
  ) {
    let rows = range.count * Kernels.panelRows
    let start = panels.base + range.lowerBound * codec.panelBytes
    switch codec {
    case .none: break
    case .scalar(let quantizer):
      let dot = quantizer.layout == .bits4 ? Kernels.active.dotU4Panels : Kernels.active.dotU8Panels
      dot(codes, queries, stride, start, range.count, quantizer.panelDimension, scratch.raw, rows)
    case .product(let quantizer):
      for query in 0..<queries {
        (codes + query * stride).withMemoryRebound(to: UInt8.self, capacity: stride) { tables in
          Kernels.active.pq4Scan(tables, quantizer.m, start, range.count, scratch.sums)
        }
        ProductCodes.widen(scratch.sums, count: rows, into: scratch.raw + query * rows)
      }
    }
  }

  @inline(__always)
  private func select(
    _ state: UnsafeMutablePointer<QueryState>, raw: UnsafePointer<Int32>, panel: Int, rows: Range<Int>, task: ScanTask,
    scratch: ScanScratch
  ) {
    state.pointee.pending.reserve(rows.upperBound)
    let count = state.pointee.pending.count
    let start = state.pointee.pending.keys + count
    var found = PanelScan.selectBounds(
      &state.pointee.panel, raw: raw, terms: terms.base + panel * PanelScan.boundTerms, rows: rows,
      limit: state.pointee.limit, base: Int32(truncatingIfNeeded: panel * Kernels.panelRows), into: start)
    if found == 0 { return }
    if let filter = task.filter { found = keep(start, found, filter) }
    state.pointee.pending.count = count + found
    if count + found >= state.pointee.fullAt { tighten(state, scratch: scratch) }
  }

  /// Computes a few distances, so that fewer rows become pending.
  private func tighten(_ state: UnsafeMutablePointer<QueryState>, scratch: ScanScratch) {
    compute(state, smallest: state.pointee.heap.k + 8, scratch: scratch)
    state.pointee.fullAt = state.pointee.pending.count + max(4 * state.pointee.heap.k, 128)
  }

  @inline(__always)
  private func rank(
    _ state: UnsafeMutablePointer<QueryState>, raw: UnsafePointer<Int32>, panel: Int, rows: Range<Int>, task: ScanTask
  ) {
    state.pointee.pending.reserve(rows.upperBound)
    let start = state.pointee.pending.keys
    var found = PanelScan.selectScores(
      &state.pointee.panel, raw: raw, terms: terms.base + panel * PanelScan.scoreTerms, rows: rows,
      limit: state.pointee.heap.worst, base: Int32(truncatingIfNeeded: panel * Kernels.panelRows), into: start)
    if found == 0 { return }
    if let filter = task.filter { found = keep(start, found, filter) }
    for index in 0..<found {
      let place = PanelScan.row(ofKey: start[index])
      state.pointee.heap.push(
        PanelScan.score(ofKey: start[index]), id: task.collectsPlaces ? Int64(place) : ids[Int(place)])
    }
  }

  private func keep(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int, _ filter: IDFilter) -> Int {
    var kept = 0
    for index in 0..<count where filter.contains(ids[Int(PanelScan.row(ofKey: keys[index]))]) {
      keys[kept] = keys[index]
      kept += 1
    }
    return kept
  }

  /// Computes the distances of the pending rows with the smallest bounds and drops what they rule out.
  private func compute(_ state: UnsafeMutablePointer<QueryState>, smallest: Int, scratch: ScanScratch) {
    // Telling the smallest from not many more costs as much as the distances that it spares.
    let count = state.pointee.pending.count
    let wanted = count <= 2 * smallest ? count : smallest
    state.pointee.pending.moveSmallest(wanted)
    state.pointee.pending.count -= wanted
    push(state, keys: state.pointee.pending.keys + state.pointee.pending.count, count: wanted, scratch: scratch)
    state.pointee.limit = bound!.limit(state.pointee.heap.worst)
    state.pointee.pending.drop(above: PanelScan.lastKey(withScore: state.pointee.limit))
  }

  private func push(
    _ state: UnsafeMutablePointer<QueryState>, keys: UnsafePointer<UInt64>, count: Int, scratch: ScanScratch
  ) {
    var done = 0
    while done < count {
      let step = min(ScanScratch.gathered, count - done)
      for index in 0..<step { scratch.places[index] = PanelScan.row(ofKey: keys[done + index]) }
      distances(state.pointee.vector, places: scratch.places, count: step, into: scratch.distances)
      for index in 0..<step {
        state.pointee.heap.push(scratch.distances[index], id: ids[Int(scratch.places[index])])
      }
      done += step
    }
    state.pointee.statistics.distances += count
  }

  /// Computes what is still pending, nearest bounds first, so that most of it can be dropped unread.
  func finish(_ state: UnsafeMutablePointer<QueryState>, scratch: ScanScratch) {
    // Twice as many a round: if bounds tell little, this stays O(n log n).
    var smallest = max(state.pointee.heap.k, 16)
    while state.pointee.pending.count > 0 {
      compute(state, smallest: smallest, scratch: scratch)
      smallest *= 2
    }
  }

  /// Computes the distances of the places that scores have collected and keeps the k nearest.
  func rerank(_ state: UnsafeMutablePointer<QueryState>, k: Int, scratch: ScanScratch) {
    let collected = state.pointee.heap.count
    state.pointee.pending.count = 0
    state.pointee.pending.reserve(collected)
    let keys = state.pointee.pending.keys
    for index in 0..<collected { keys[index] = UInt64(state.pointee.heap.places[index].id) }
    state.pointee.heap.reset(k: k)
    push(state, keys: keys, count: collected, scratch: scratch)
  }

  /// Computes the distance of every row in the range.
  func scanOriginals(
    _ state: UnsafeMutablePointer<QueryState>, places range: Range<Int>, filter: IDFilter?, scratch: ScanScratch
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      var count = 0
      while count < ScanScratch.gathered, start < range.upperBound {
        if filter?.contains(ids[start]) ?? true {
          scratch.places[count] = Int32(truncatingIfNeeded: start)
          count += 1
        }
        start += 1
      }
      distances(state.pointee.vector, places: scratch.places, count: count, into: scratch.distances)
      for index in 0..<count {
        state.pointee.heap.push(scratch.distances[index], id: ids[Int(scratch.places[index])])
      }
      state.pointee.statistics.distances += count
    }
  }
}
