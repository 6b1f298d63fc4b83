/// Finds the rows that no path of level 0 leads to from the entry point, and links them in.
///
/// Pruning can take a node's last incoming link away, and so can two threads that prune at once.
struct GraphRepair {
  let graph: GraphView
  private let reached: UnsafeMutablePointer<UInt64>
  private let queue: UnsafeMutablePointer<Int32>

  /// Runs `body` with what a repair needs, freed afterwards.
  @discardableResult
  static func run<Result>(_ graph: GraphView, _ body: (inout GraphRepair) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: graph.rowCount / 64 + 1) { bits in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: graph.rowCount + 1) { queue in
        bits.initialize(repeating: 0)
        var repair = GraphRepair(
          graph: graph, reached: bits.baseAddress.unsafelyUnwrapped, queue: queue.baseAddress.unsafelyUnwrapped)
        return body(&repair)
      }
    }
  }

  /// Rows, ascending, that cannot be reached from the entry point at level 0.
  ///
  /// - Complexity: O(links).
  static func unreachable(in graph: GraphView) -> [Int32] {
    run(graph) { repair in
      repair.reachFromEntry()
      return (0..<Int32(graph.rowCount)).filter { !repair.isReached($0) }
    }
  }

  /// Links every unreachable row in; returns how many there were.
  @discardableResult
  mutating func connectAll(
    _ space: some RowSpace, efConstruction: Int, scratch: UnsafeMutablePointer<SearchScratch>
  ) -> Int {
    reachFromEntry()
    var connected = 0
    for row in 0..<Int32(graph.rowCount) where !isReached(row) {
      connect(row, space, efConstruction: efConstruction, scratch: scratch)
      reach(from: row)
      connected += 1
    }
    return connected
  }

  /// Gives the nearest reachable row with a free place a link to `row`. Where none of the beam has one, `row` takes the
  /// place of the nearest one's last neighbour and links to that in turn, so that nothing else is lost.
  private func connect(
    _ row: Int32, _ space: some RowSpace, efConstruction: Int, scratch: UnsafeMutablePointer<SearchScratch>
  ) {
    let view = graph.levels[0]
    let scorer = space.scorer(row: row, slot: scratch.pointee.slot(0))
    let start = graph.descend(to: 0, scorer: scorer, scratch: scratch)
    let pool = graph.beam(level: 0, from: start, ef: efConstruction, scorer: scorer, scratch: scratch)
    scratch.pointee.clearVisited(rowCount: graph.rowCount)
    var nearest = graph.entryRow
    var found = false
    for i in 0..<pool.count {
      let candidate = pool[i].row
      if !isReached(candidate) { continue }
      if !found {
        nearest = candidate
        found = true
      }
      let degree = view.degree(ofNode: candidate)
      if degree < view.width {
        let list = view.list(ofNode: candidate)
        list[degree] = row
        if degree + 1 < view.width { list[degree + 1] = -1 }
        return
      }
    }
    let list = view.list(ofNode: nearest)
    let degree = view.degree(ofNode: nearest)
    if degree < view.width {
      list[degree] = row
      if degree + 1 < view.width { list[degree + 1] = -1 }
      return
    }
    let displaced = list[degree - 1]
    list[degree - 1] = row
    let own = view.list(ofNode: row)
    var free = 0
    while free < view.width && own[free] >= 0 && own[free] != displaced { free += 1 }
    if free < view.width {
      if own[free] == displaced { return }
      own[free] = displaced
      if free + 1 < view.width { own[free + 1] = -1 }
    } else {
      own[view.width - 1] = displaced
    }
  }

  private func isReached(_ row: Int32) -> Bool { reached[Int(row) >> 6] & 1 << UInt64(row & 63) != 0 }

  private func reachFromEntry() {
    if graph.rowCount > 0 { reach(from: graph.entryRow) }
  }

  /// Breadth-first from a row that was not reached before.
  private func reach(from start: Int32) {
    let view = graph.levels[0]
    var head = 0
    var tail = 0
    func add(_ row: Int32) {
      let bit: UInt64 = 1 << UInt64(row & 63)
      if reached[Int(row) >> 6] & bit != 0 { return }
      reached[Int(row) >> 6] |= bit
      queue[tail] = row
      tail += 1
    }
    add(start)
    while head < tail {
      let list = view.list(ofNode: queue[head])
      head += 1
      for i in 0..<view.width {
        if list[i] < 0 { break }
        add(list[i])
      }
    }
  }
}

extension GraphView {
  /// Row of the entry point.
  var entryRow: Int32 { levels[top].row(ofNode: entry) }
}
