/// The primary key of every row by its number, in pages, so that numbers may have gaps.
struct RowKeys {
  private static let pageBits = 8

  private var pages: [Int64: [PrimaryKey?]] = [:]
  private(set) var count = 0

  /// - Complexity: O(1).
  subscript(row: Int64) -> PrimaryKey? {
    pages[row >> Self.pageBits]?[Int(row & (1 << Self.pageBits - 1))]
  }

  /// Every row's number, in no order.
  var rows: [Int64] {
    pages.flatMap { number, page in
      page.indices.filter { page[$0] != nil }.map { number << Self.pageBits + Int64($0) }
    }
  }

  mutating func insert(_ key: PrimaryKey, at row: Int64) {
    let place = Int(row & (1 << Self.pageBits - 1))
    if pages[row >> Self.pageBits, default: Self.emptyPage][place] == nil { count += 1 }
    pages[row >> Self.pageBits, default: Self.emptyPage][place] = key
  }

  mutating func remove(_ row: Int64) {
    let number = row >> Self.pageBits
    guard self[row] != nil else { return }
    pages[number]?[Int(row & (1 << Self.pageBits - 1))] = nil
    count -= 1
    if pages[number]?.allSatisfy({ $0 == nil }) == true { pages[number] = nil }
  }

  private static let emptyPage = [PrimaryKey?](repeating: nil, count: 1 << pageBits)
}
