/// The id that each row carries, and the way back.
///
/// Nothing is stored while ids are 0, 1, 2, … in order. Otherwise the way back is an open-addressing table of rows, probed
/// linearly. An id that was removed and added again leads to its latest row; whether a row is alive is not known here.
final class RowIDs {
  private(set) var count: Int
  /// The ids by row, where they are not the rows themselves.
  private(set) var stored: GrowableBuffer<Int64>?
  private var table: GrowableBuffer<Int32>

  init() {
    count = 0
    table = .init()
  }

  /// Ids as a file has them; nil where id and row are the same.
  init(count: Int, stored: GrowableBuffer<Int64>?) throws(VectorIndexError) {
    self.count = count
    self.stored = stored
    table = .init()
    if stored != nil { try rebuildTable(for: count) }
  }

  var bytes: Int { (stored?.bytes ?? 0) + table.bytes }

  @inline(__always)
  func id(ofRow row: Int) -> Int64 { stored.map { $0.base[row] } ?? Int64(row) }

  /// - Complexity: O(1).
  func row(ofID id: Int64) -> Int32? {
    guard let stored else { return id >= 0 && id < Int64(count) ? Int32(id) : nil }
    if table.count == 0 { return nil }
    var place = home(of: id)
    while table.base[place] >= 0 {
      let row = table.base[place]
      if stored.base[Int(row)] == id { return row }
      place = place + 1 == table.count ? 0 : place + 1
    }
    return nil
  }

  /// Gives the next rows their ids.
  func append(_ ids: Span<Int64>) throws(VectorIndexError) {
    var consecutive = stored == nil
    for i in 0..<ids.count where consecutive { consecutive = ids[i] == Int64(count + i) }
    if !consecutive {
      let stored = try storeIDs(for: count + ids.count)
      for i in 0..<ids.count { stored.base[count + i] = ids[i] }
      if (count + ids.count) * 4 > table.count * 3 {
        try rebuildTable(for: count + ids.count)
      } else {
        for row in count..<count + ids.count { enter(row) }
      }
    }
    count += ids.count
  }

  /// Keeps the ids of the rows listed, which become rows 0, 1, 2, ….
  func keep(_ rows: [Int32]) throws(VectorIndexError) {
    let stored = try storeIDs(for: count)
    for (target, row) in rows.enumerated() { stored.base[target] = stored.base[Int(row)] }
    try stored.resize(to: rows.count)
    count = rows.count
    if (0..<count).allSatisfy({ stored.base[$0] == Int64($0) }) {
      self.stored = nil
      table = .init()
    } else {
      try rebuildTable(for: count)
    }
  }

  func trim() { stored?.trim() }

  private func storeIDs(for newCount: Int) throws(VectorIndexError) -> GrowableBuffer<Int64> {
    if let stored {
      try stored.resize(to: newCount)
      return stored
    }
    let fresh = GrowableBuffer<Int64>()
    try fresh.resize(to: newCount)
    for row in 0..<count { fresh.base[row] = Int64(row) }
    stored = fresh
    return fresh
  }

  private func rebuildTable(for newCount: Int) throws(VectorIndexError) {
    let fresh = GrowableBuffer<Int32>()
    try fresh.resize(to: newCount + newCount / 2 + 8)
    fresh.base.update(repeating: -1, count: fresh.count)
    table = fresh
    for row in 0..<newCount { enter(row) }
  }

  private func enter(_ row: Int) {
    guard let stored else { return }
    let id = stored.base[row]
    var place = home(of: id)
    while table.base[place] >= 0 && stored.base[Int(table.base[place])] != id {
      place = place + 1 == table.count ? 0 : place + 1
    }
    table.base[place] = Int32(row)
  }

  private func home(of id: Int64) -> Int {
    let hash = UInt64(bitPattern: id) &* 0x9e37_79b9_7f4a_7c15
    return Int((hash ^ hash >> 32).multipliedFullWidth(by: UInt64(table.count)).high)
  }
}
