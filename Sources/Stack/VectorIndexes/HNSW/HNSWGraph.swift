import Glibc

/// The links of a hierarchical navigable small world graph (Malkov and Yashunin, 2016), without the vectors.
///
/// Level 0 holds every row, `2m` places each, contiguous and ended by −1. Each level above is a small graph of its own
/// that numbers its nodes from 0 in ascending order of row, so that level 0 needs neither offsets nor a level per row.
final class HNSWGraph: @unchecked Sendable {
  // Sendable holds because the index's gate excludes searches while anything here changes, and threads that build
  // together write lists under `LinkLocks`.

  /// One level above 0.
  final class Level {
    /// Row of each node, ascending.
    var rows: GrowableBuffer<Int32>
    /// Number of each node at the level below.
    var below: GrowableBuffer<Int32>
    /// `m` places a node.
    var links: GrowableBuffer<Int32>

    init(
      rows: GrowableBuffer<Int32> = .init(), below: GrowableBuffer<Int32> = .init(),
      links: GrowableBuffer<Int32> = .init()
    ) {
      self.rows = rows
      self.below = below
      self.links = links
    }
  }

  let m: Int
  let seed: UInt64
  /// Links of level 0.
  private(set) var links: GrowableBuffer<Int32>
  /// Levels 1, 2, ….
  private(set) var upper: [Level]
  private(set) var rowCount: Int
  /// Number of the entry point at the top level; −1 while the graph is empty.
  var entry: Int32
  /// Top level that `entry` belongs to; lower than `upper.count` only while rows are being added.
  var top: Int

  /// What the loops read, as trivial pointers; rebuilt by `refreshViews` after every change of memory.
  private let views: UnsafeMutablePointer<LevelView>
  static var levelLimit: Int { 16 }

  init(m: Int, seed: UInt64) {
    self.m = m
    self.seed = seed
    links = .init()
    upper = []
    rowCount = 0
    entry = -1
    top = 0
    views = .allocate(capacity: Self.levelLimit)
    refreshViews()
  }

  /// A graph whose blocks were read from a file and checked.
  init(m: Int, seed: UInt64, links: GrowableBuffer<Int32>, upper: [Level], entry: Int32) {
    self.m = m
    self.seed = seed
    self.links = links
    self.upper = upper
    rowCount = links.count / (2 * m)
    self.entry = entry
    top = upper.count
    views = .allocate(capacity: Self.levelLimit)
    refreshViews()
  }

  deinit { views.deallocate() }

  var view: GraphView { GraphView(levels: views, top: top, entry: entry, rowCount: rowCount) }

  var byteCount: Int {
    upper.reduce(links.bytes) { $0 + $1.rows.bytes + $1.below.bytes + $1.links.bytes }
  }

  /// Makes room for rows `rowCount..<newCount` with empty lists on every level they belong to.
  func appendRows(to newCount: Int) throws(VectorIndexError) {
    try makeWritable()
    let first = rowCount
    try links.resize(to: newCount * 2 * m)
    (links.base + first * 2 * m).update(repeating: -1, count: (newCount - first) * 2 * m)
    for row in first..<newCount {
      var below = Int32(row)
      for level in 0..<self.level(ofRow: row) {
        if level == upper.count { upper.append(Level()) }
        let here = upper[level]
        let node = here.rows.count
        try here.rows.resize(to: node + 1)
        try here.below.resize(to: node + 1)
        try here.links.resize(to: (node + 1) * m)
        here.rows.base[node] = Int32(row)
        here.below.base[node] = below
        (here.links.base + node * m).update(repeating: -1, count: m)
        below = Int32(node)
      }
    }
    rowCount = newCount
    refreshViews()
  }

  /// Gives back memory reserved for growth.
  func trim() {
    links.trim()
    for level in upper {
      level.rows.trim()
      level.below.trim()
      level.links.trim()
    }
    refreshViews()
  }

  /// Copies what is still read from a mapped file, so that lists may be written.
  func makeWritable() throws(VectorIndexError) {
    try links.resize(to: links.count)
    for level in upper {
      try level.rows.resize(to: level.rows.count)
      try level.below.resize(to: level.below.count)
      try level.links.resize(to: level.links.count)
    }
    refreshViews()
  }

  /// Levels above 0 that a row belongs to: geometric with ratio 1/m, a function of the seed and the row alone, so that
  /// neither batches nor threads change it.
  func level(ofRow row: Int) -> Int {
    var state = seed &+ UInt64(row) &* 0x9e37_79b9_7f4a_7c15
    state = (state ^ state &>> 30) &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ state &>> 27) &* 0x94d0_49bb_1331_11eb
    state ^= state &>> 31
    let uniform = (Double(state &>> 11) + 0.5) * 0x1p-53
    return min(Int(-log(uniform) / log(Double(m))), Self.levelLimit - 1)
  }

  private func refreshViews() {
    views.update(
      repeating: LevelView(level: 0, links: links.base, width: 2 * m, rows: nil, below: nil, count: rowCount),
      count: Self.levelLimit)
    for (i, level) in upper.enumerated() {
      views[i + 1] = LevelView(
        level: i + 1, links: level.links.base, width: m, rows: UnsafePointer(level.rows.base),
        below: UnsafePointer(level.below.base), count: level.rows.count)
    }
  }
}

/// One level as trivial pointers.
struct LevelView {
  let level: Int
  let links: UnsafeMutablePointer<Int32>
  let width: Int
  /// Row of each node; nil at level 0, where nodes are rows.
  let rows: UnsafePointer<Int32>?
  let below: UnsafePointer<Int32>?
  let count: Int

  @inline(__always)
  func row(ofNode node: Int32) -> Int32 {
    if let rows { rows[Int(node)] } else { node }
  }

  @inline(__always)
  func list(ofNode node: Int32) -> UnsafeMutablePointer<Int32> { links + Int(node) &* width }

  /// Links in use of one node.
  @inline(__always)
  func degree(ofNode node: Int32) -> Int {
    let list = list(ofNode: node)
    var count = 0
    while count < width && list[count] >= 0 { count &+= 1 }
    return count
  }

  /// The node that a row is at this level, which must have it.
  ///
  /// - Complexity: O(log count) above level 0.
  func node(ofRow row: Int32) -> Int32 {
    guard let rows else { return row }
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < row { low = middle + 1 } else { high = middle }
    }
    return Int32(low)
  }
}

/// A graph as trivial pointers.
struct GraphView: @unchecked Sendable {
  // Sendable holds because whoever has a view holds the index's gate.
  let levels: UnsafePointer<LevelView>
  let top: Int
  let entry: Int32
  let rowCount: Int
}
