import Kernels

/// Rows that a scan could not discard yet, as keys of their bound and row (`PanelScan`), in memory that grows and is kept.
struct PendingRows {
  private(set) var keys: UnsafeMutablePointer<UInt64>
  private var capacity: Int
  var count = 0

  init() {
    capacity = 1024
    keys = .allocate(capacity: capacity)
  }

  func deallocate() { keys.deallocate() }

  /// Makes room for `more` keys behind the last.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = (count + more) * 2
    let moved = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    moved.update(from: keys, count: count)
    keys.deallocate()
    keys = moved
  }

  /// Moves the `n` smallest keys to the end, in no order. O(count) expected.
  mutating func moveSmallest(_ n: Int) {
    var low = 0
    var high = count - 1
    // The n smallest belong at count-n..<count: partition in falling order round the place count-n.
    let target = count - n
    if target <= 0 { return }
    while low < high {
      let pivot = median(keys[low], keys[(low + high) / 2], keys[high])
      var i = low
      var j = high
      while i <= j {
        while keys[i] > pivot { i += 1 }
        while keys[j] < pivot { j -= 1 }
        if i <= j {
          (keys[i], keys[j]) = (keys[j], keys[i])
          i += 1
          j -= 1
        }
      }
      if target <= j { high = j } else if target >= i { low = i } else { return }
    }
  }

  private func median(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 { max(min(a, b), min(max(a, b), c)) }

  /// Drops every key above `last`.
  mutating func drop(above last: UInt64) {
    var kept = 0
    for index in 0..<count {
      let key = keys[index]
      keys[kept] = key
      kept += key <= last ? 1 : 0
    }
    count = kept
  }
}
