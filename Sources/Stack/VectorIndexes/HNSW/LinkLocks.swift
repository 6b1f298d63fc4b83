import Synchronization

/// Spin locks over the link lists of a graph that several threads build; a list's lock is found by its number.
///
/// A thread never holds two of them, so they cannot deadlock, and holds one only while it copies or rewrites a list.
final class LinkLocks: @unchecked Sendable {
  // Sendable holds because the memory holds nothing but atomics.
  private let flags: UnsafeMutablePointer<Atomic<UInt32>>
  /// Few enough to stay in the first-level cache.
  private static var stripes: Int { 1 << 12 }

  init() {
    flags = .allocate(capacity: Self.stripes)
    for i in 0..<Self.stripes { (flags + i).initialize(to: Atomic(0)) }
  }

  deinit { flags.deallocate() }

  @inline(__always)
  func withLock<Result>(level: Int, node: Int32, _ body: () -> Result) -> Result {
    let flag = flags + (Int(node) &* 0x9e37_79b1 &+ level &* 0x85eb_ca6b) & (Self.stripes - 1)
    while !flag.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged {
      while flag.pointee.load(ordering: .relaxed) != 0 {}
    }
    defer { flag.pointee.store(0, ordering: .releasing) }
    return body()
  }
}
