import Kernels

/// Where in a `RowStore` the rows of each list are.
///
/// Most lie list after list, from `starts[list]` on. What `add` appended since lies behind, in panels that belong to one
/// list each; `IVFIndex.compact` moves everything into the first form.
struct InvertedLists: Sendable {
  private(set) var starts: [Int]
  private(set) var counts: [Int]
  /// First places of the panels behind, in order; only the last of a list may have room.
  private(set) var chains: [[Int32]]
  /// Rows in those panels.
  private(set) var chainCounts: [Int]
  /// Where the panels behind begin.
  private(set) var chained: Int

  init(lists: Int) {
    starts = [Int](repeating: 0, count: lists)
    counts = starts
    chainCounts = starts
    chains = [[Int32]](repeating: [], count: lists)
    chained = 0
  }

  /// Lists of these sizes, one after another.
  init(sizes: [Int]) {
    self.init(lists: sizes.count)
    counts = sizes
    for list in sizes.indices {
      starts[list] = chained
      chained += sizes[list]
    }
  }

  var rows: Int { counts.reduce(0, +) + chainCounts.reduce(0, +) }

  /// Places from `chained` to the end of the last panel behind.
  var chainedPlaces: Int { chains.reduce(0) { $0 + $1.count } * Kernels.panelRows }

  /// Whether every row lies in the first form without gaps.
  var isCompact: Bool { chained == counts.reduce(0, +) && chainCounts.allSatisfy { $0 == 0 } }

  func size(_ list: Int) -> Int { counts[list] + chainCounts[list] }

  /// Calls `body` with the ranges of places that hold the list's rows.
  @inline(__always)
  func forEachRange(_ list: Int, _ body: (Range<Int>) -> Void) {
    if counts[list] > 0 { body(starts[list]..<starts[list] + counts[list]) }
    var left = chainCounts[list]
    if left == 0 { return }
    for place in chains[list] {
      body(Int(place)..<Int(place) + min(left, Kernels.panelRows))
      left -= Kernels.panelRows
      if left <= 0 { return }
    }
  }

  /// A place behind for one more row of the list. `end` is the first place that no list has.
  mutating func append(to list: Int, end: inout Int) -> Int {
    let width = Kernels.panelRows
    let used = chainCounts[list]
    if used == chains[list].count * width {
      chains[list].append(Int32(truncatingIfNeeded: end))
      end += width
    }
    chainCounts[list] += 1
    return Int(chains[list][used / width]) + used % width
  }

  /// The last place of a list, given up; rows that stay must not lie there.
  mutating func removeLast(of list: Int) -> Int {
    let width = Kernels.panelRows
    if chainCounts[list] > 0 {
      chainCounts[list] -= 1
      let used = chainCounts[list]
      return Int(chains[list][used / width]) + used % width
    }
    counts[list] -= 1
    return starts[list] + counts[list]
  }

  /// Bytes held.
  var bytes: Int { starts.count * (3 * 8 + MemoryLayout<[Int32]>.stride) + chainedPlaces / Kernels.panelRows * 4 }
}
