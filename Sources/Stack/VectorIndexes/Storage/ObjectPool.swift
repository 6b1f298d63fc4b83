import Synchronization

/// Objects that searches borrow, so that a query allocates nothing once as many exist as run at a time.
package final class ObjectPool<Object: AnyObject>: Sendable {
  /// Sendable holds because an object is in the pool or with one borrower, never both.
  private struct Place: @unchecked Sendable {
    let object: Object
  }

  private let free = Mutex<[Place]>([])
  private let make: @Sendable () -> Object

  package init(make: @escaping @Sendable () -> Object) {
    self.make = make
  }

  @inline(__always)
  package func borrow<Result, Failure: Error>(_ body: (Object) throws(Failure) -> Result) throws(Failure) -> Result {
    let place = free.withLock { $0.popLast() } ?? Place(object: make())
    defer { free.withLock { $0.append(place) } }
    return try body(place.object)
  }

  /// Forgets every object that nobody borrows.
  package func removeAll() { free.withLock { $0.removeAll() } }
}
