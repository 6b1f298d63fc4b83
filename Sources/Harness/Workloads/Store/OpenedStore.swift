internal import Files
internal import Foundation
package import VectorStores

/// A store that a workload has open, with the folder that was made for it.
package final class OpenedStore: Sendable {
  package let store: any VectorStore
  private let closed: @Sendable () -> Void

  /// - Parameter closed: called after the store was closed.
  package init(_ store: any VectorStore, closed: @escaping @Sendable () -> Void = {}) {
    self.store = store
    self.closed = closed
  }

  /// Stores that keep a file, with the name of one that is made for them.
  private static let files = [
    "embedded": "vectors.store", "sqlite-vec": "vectors.sqlite", "milvus-lite": "vectors.db",
  ]

  /// Opens a store; one that keeps a file and was given no path gets a fresh one in a folder below `parent`, which is removed
  /// when the store is closed.
  ///
  /// - Throws: what `StoreFactory.open` throws.
  package convenience init(
    _ choice: VectorStoreChoice, environment: [String: String], below parent: String,
    notice: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    var specification = choice.specification
    guard let file = Self.files[choice.kind], specification.parameters["path"] == nil else {
      self.init(try StoreFactory.open(specification, environment: environment, notice: notice))
      return
    }
    let folder = "\(parent)/ragmeter-store-\(UUID().uuidString)"
    try Folder.make(folder)
    specification.parameters["path"] = "\(folder)/\(file)"
    do {
      self.init(try StoreFactory.open(specification, environment: environment, notice: notice)) {
        try? FileManager.default.removeItem(atPath: folder)
      }
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// Nothing is called after.
  package func close() {
    // What a server says to its last goodbye changes no figure any more.
    try? store.close()
    closed()
  }
}
