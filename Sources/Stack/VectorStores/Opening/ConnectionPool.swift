internal import Foundation

/// Connections that threads share: each uses one alone, and a new one is made where none is idle.
///
/// Sendable, as `lock` guards what is idle, and who has taken a connection uses it alone.
final class ConnectionPool<Connection>: @unchecked Sendable {
  private let make: @Sendable () throws -> Connection
  private let isSound: @Sendable (Connection) -> Bool
  private let closed: VectorStoreError
  private let lock = NSLock()
  private var idle: [Connection]
  private var isClosed = false

  /// - Parameters:
  ///   - isSound: whether a connection can be used again.
  ///   - closed: thrown once the pool is closed.
  /// - Throws: what `make` throws for the first.
  init(
    closed: VectorStoreError, isSound: @escaping @Sendable (Connection) -> Bool = { _ in true },
    _ make: @escaping @Sendable () throws -> Connection
  ) throws {
    self.make = make
    self.isSound = isSound
    self.closed = closed
    idle = [try make()]
  }

  func use<T>(_ body: (Connection) throws -> T) throws -> T {
    let found = try lock.withLock {
      if isClosed { throw closed }
      return idle.popLast()
    }
    let connection = try found ?? make()
    defer { if isSound(connection) { lock.withLock { if !isClosed { idle.append(connection) } } } }
    return try body(connection)
  }

  /// Closes what is idle; the rest closes when it has been used.
  func close() {
    lock.withLock {
      isClosed = true
      idle = []
    }
  }
}
