/// The k nearest of what was pushed, equal distances ordered by the smaller id: a binary heap with the worst on top, in
/// memory that grows and is kept.
struct NeighborHeap {
  private(set) var places: UnsafeMutablePointer<Neighbor>
  private var capacity = 0
  private(set) var k = 0
  private(set) var count = 0

  init() {
    places = .allocate(capacity: 1)
  }

  func deallocate() { places.deallocate() }

  /// Forgets everything and keeps the best `k` from now on.
  mutating func reset(k: Int) {
    if k > capacity {
      places.deallocate()
      places = .allocate(capacity: k)
      capacity = k
    }
    self.k = k
    count = 0
  }

  /// No neighbour with a larger distance is taken; infinity before there are k.
  @inline(__always)
  var worst: Float { count < k ? .infinity : places[0].distance }

  @inline(__always)
  static func isFarther(_ a: Neighbor, _ b: Neighbor) -> Bool {
    a.distance > b.distance || (a.distance == b.distance && a.id > b.id)
  }

  /// Takes the neighbour if it belongs among the k nearest; NaN counts as infinity. O(log k).
  @inline(__always)
  mutating func push(_ distance: Float, id: Int64) {
    if distance > worst { return }
    insert(Neighbor(id: id, distance: distance.isNaN ? .infinity : distance))
  }

  @inline(never)
  private mutating func insert(_ neighbor: Neighbor) {
    if count < k {
      var hole = count
      count += 1
      while hole > 0, Self.isFarther(neighbor, places[(hole - 1) / 2]) {
        places[hole] = places[(hole - 1) / 2]
        hole = (hole - 1) / 2
      }
      places[hole] = neighbor
    } else if Self.isFarther(places[0], neighbor) {
      siftDown(neighbor, within: count)
    }
  }

  /// Puts `neighbor` where the root was among the first `count` places.
  private func siftDown(_ neighbor: Neighbor, within count: Int) {
    var hole = 0
    while true {
      var child = 2 * hole + 1
      if child >= count { break }
      if child + 1 < count, Self.isFarther(places[child + 1], places[child]) { child += 1 }
      if !Self.isFarther(places[child], neighbor) { break }
      places[hole] = places[child]
      hole = child
    }
    places[hole] = neighbor
  }

  /// Orders what was found nearest first. O(k log k); only `reset` may follow.
  mutating func sort() {
    var end = count - 1
    while end > 0 {
      let last = places[end]
      places[end] = places[0]
      siftDown(last, within: end)
      end -= 1
    }
  }

  /// Sorts, then writes k places, the empty ones `none`; returns how many were found.
  mutating func write(into results: UnsafeMutablePointer<Neighbor>, k: Int) -> Int {
    sort()
    let found = min(count, k)
    for place in 0..<found { results[place] = places[place] }
    for place in found..<k { results[place] = .none }
    return found
  }
}
