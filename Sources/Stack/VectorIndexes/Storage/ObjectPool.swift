import Synchronization

/// Objects that searches borrow, so that a query allocates nothing once as many exist as run at a time.
package final class ObjectPool<Object: AnyObject>: Sendable {
  // Objects are owned by the pool or by the one borrower, never by both.
  private struct Free: @unchecked Sendable {
    var objects: [Object] = []
  }

  private let free = Mutex(Free())
  private let make: @Sendable () -> Object

  package init(make: @escaping @Sendable () -> Object) {
    self.make = make
  }

  @inline(__always)
  package func borrow<Result, Failure: Error>(_ body: (Object) throws(Failure) -> Result) throws(Failure) -> Result {
    let borrowed = free.withLock { free in Free(objects: free.objects.popLast().map { [$0] } ?? []) }
    let object = borrowed.objects.first ?? make()
    defer {
      let returned = Free(objects: [object])
      free.withLock { $0.objects.append(returned.objects[0]) }
    }
    return try body(object)
  }

  /// Forgets every object that nobody borrows, as when their sizes no longer fit.
  package func removeAll() { free.withLock { $0.objects.removeAll() } }
}
