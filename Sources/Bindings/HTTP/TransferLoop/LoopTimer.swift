/// An action at a time, until it has run or is cancelled.
package final class LoopTimer {
  package let time: UInt64
  /// Decides between equal times: first come, first served.
  let order: Int
  var action: (() -> Void)?
  /// In the queue's heap; -1: no longer there.
  var place = -1

  init(time: UInt64, order: Int, action: @escaping () -> Void) {
    self.time = time
    self.order = order
    self.action = action
  }

  static func precedes(_ a: LoopTimer, _ b: LoopTimer) -> Bool {
    a.time != b.time ? a.time < b.time : a.order < b.order
  }
}

/// Timers in a binary heap in which each knows its place, so that one that is cancelled leaves at once.
struct TimerQueue {
  private var heap: [LoopTimer] = []
  private var nextOrder = 0

  var first: LoopTimer? { heap.first }
  var isEmpty: Bool { heap.isEmpty }

  /// O(log n).
  mutating func insert(_ time: UInt64, _ action: @escaping () -> Void) -> LoopTimer {
    let timer = LoopTimer(time: time, order: nextOrder, action: action)
    nextOrder += 1
    timer.place = heap.count
    heap.append(timer)
    rise(timer.place)
    return timer
  }

  /// O(log n); nothing where it is not there.
  mutating func remove(_ timer: LoopTimer) {
    timer.action = nil
    let place = timer.place
    guard place >= 0 else { return }
    timer.place = -1
    let last = heap.removeLast()
    guard place < heap.count else { return }
    put(last, at: place)
    rise(place)
    sink(last.place)
  }

  /// Takes the first one out if its time has come.
  mutating func popDue(_ now: UInt64) -> (() -> Void)? {
    guard let first = heap.first, first.time <= now else { return nil }
    let action = first.action
    remove(first)
    return action
  }

  private mutating func put(_ timer: LoopTimer, at place: Int) {
    heap[place] = timer
    timer.place = place
  }

  private mutating func rise(_ start: Int) {
    var place = start
    let timer = heap[place]
    while place > 0 {
      let parent = (place - 1) / 2
      guard LoopTimer.precedes(timer, heap[parent]) else { break }
      put(heap[parent], at: place)
      place = parent
    }
    put(timer, at: place)
  }

  private mutating func sink(_ start: Int) {
    var place = start
    let timer = heap[place]
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, LoopTimer.precedes(heap[child + 1], heap[child]) { child += 1 }
      guard LoopTimer.precedes(heap[child], timer) else { break }
      put(heap[child], at: place)
      place = child
    }
    put(timer, at: place)
  }
}
