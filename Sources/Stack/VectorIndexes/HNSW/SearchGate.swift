import Glibc
import Synchronization

/// Lets any number of searches in, each with scratch memory of its own, and shuts them out while the index changes.
///
/// A search owns one slot, which costs one compare-and-swap on a cache line that no other thread uses; a writer owns them
/// all. So the pool of scratch memory is the readers–writer lock as well.
final class SearchGate: @unchecked Sendable {
  // Sendable holds because the scratch memory of a slot is touched only by the thread that owns the slot.
  private let owned: UnsafeMutableRawPointer
  private let scratches: UnsafeMutableRawPointer
  /// Held by a writer for as long as it keeps searches out.
  private let writer = Mutex<Void>(())

  private static var slotCount: Int { 256 }
  /// Keeps slots out of each other's cache line, and out of the pair that is fetched with it.
  private static var stride: Int { 256 }

  init() {
    owned = .allocate(byteCount: Self.slotCount * Self.stride, alignment: Self.stride)
    scratches = .allocate(byteCount: Self.slotCount * Self.stride, alignment: Self.stride)
    for i in 0..<Self.slotCount {
      (owned + i * Self.stride).bindMemory(to: Atomic<Bool>.self, capacity: 1).initialize(to: Atomic(false))
      (scratches + i * Self.stride).bindMemory(to: SearchScratch.self, capacity: 1).initialize(to: SearchScratch())
    }
  }

  deinit {
    for i in 0..<Self.slotCount { scratch(i).pointee.deallocate() }
    owned.deallocate()
    scratches.deallocate()
  }

  /// Enters as a search; to be followed by `leave`.
  @inline(__always)
  func enter() -> (slot: Int, scratch: UnsafeMutablePointer<SearchScratch>) {
    let home = Int(truncatingIfNeeded: ((UInt64(pthread_self()) &>> 8) &* 0x9e37_79b9_7f4a_7c15) &>> 56)
    if take(home) { return (home, scratch(home)) }
    return enterElsewhere(after: home)
  }

  @inline(__always)
  func leave(_ slot: Int) {
    flag(slot).pointee.store(false, ordering: .releasing)
  }

  /// Runs `body` while no search runs.
  func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    try writer.withLock { _ in
      for i in 0..<Self.slotCount {
        while !take(i) { sched_yield() }
      }
      defer { for i in 0..<Self.slotCount { leave(i) } }
      return try body()
    }
  }

  /// Scratch memory of a slot that the caller owns; a writer owns every slot, one for each of its workers.
  @inline(__always)
  func scratch(_ slot: Int) -> UnsafeMutablePointer<SearchScratch> {
    (scratches + slot &* Self.stride).assumingMemoryBound(to: SearchScratch.self)
  }

  /// Workers that a writer has scratch memory for.
  static var workerLimit: Int { slotCount }

  @inline(__always)
  private func flag(_ slot: Int) -> UnsafeMutablePointer<Atomic<Bool>> {
    (owned + slot &* Self.stride).assumingMemoryBound(to: Atomic<Bool>.self)
  }

  @inline(__always)
  private func take(_ slot: Int) -> Bool {
    flag(slot).pointee.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  @inline(never)
  private func enterElsewhere(after home: Int) -> (slot: Int, scratch: UnsafeMutablePointer<SearchScratch>) {
    while true {
      for step in 1...Self.slotCount {
        let slot = (home + step) % Self.slotCount
        if take(slot) { return (slot, scratch(slot)) }
      }
      // Either a writer is inside, and its mutex is the thing to wait for, or 256 searches are: then give way.
      writer.withLock { _ in }
      sched_yield()
    }
  }
}
