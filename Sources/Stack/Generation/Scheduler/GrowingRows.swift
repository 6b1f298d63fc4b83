/// Rows of integers that grow one by one, in one array with equal room for each: block tables and outputs, thousands of
/// times a second, without an allocation of their own.
struct GrowingRows: Sendable {
  private var values: [Int32] = []
  private var counts: [Int32] = []
  private var freeRows: [Int32] = []
  private var stride = 16

  /// An empty row.
  mutating func add() -> Int32 {
    if let row = freeRows.popLast() { return row }
    counts.append(0)
    values.append(contentsOf: repeatElement(0, count: stride))
    return Int32(counts.count - 1)
  }

  mutating func remove(_ row: Int32) {
    counts[Int(row)] = 0
    freeRows.append(row)
  }

  func count(_ row: Int32) -> Int { Int(counts[Int(row)]) }

  subscript(row: Int32) -> ArraySlice<Int32> {
    let start = Int(row) * stride
    return values[start..<start + Int(counts[Int(row)])]
  }

  subscript(row: Int32, place: Int) -> Int32 {
    get { values[Int(row) * stride + place] }
    set { values[Int(row) * stride + place] = newValue }
  }

  mutating func append(_ value: Int32, to row: Int32) {
    let count = Int(counts[Int(row)])
    if count == stride { widen() }
    values[Int(row) * stride + count] = value
    counts[Int(row)] = Int32(count + 1)
  }

  /// Keeps the first `count` values.
  mutating func truncate(_ row: Int32, to count: Int) { counts[Int(row)] = Int32(count) }

  /// Appends values of a row to an array.
  func copy(_ row: Int32, _ places: Range<Int>, to array: inout [Int32]) {
    let start = Int(row) * stride
    let range = start + places.lowerBound..<start + places.upperBound
    // By way of a slice this would count references, in every step for every sequence.
    values.withUnsafeBufferPointer { array.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
  }

  private mutating func widen() {
    let wider = stride * 2
    var copied = [Int32](repeating: 0, count: counts.count * wider)
    for row in counts.indices {
      for place in 0..<Int(counts[row]) { copied[row * wider + place] = values[row * stride + place] }
    }
    values = copied
    stride = wider
  }
}
