internal import Files
internal import Foundation
internal import Synchronization
package import VectorStores

/// A store that a workload has open, with the folder that was made for it. What killed runs of this machine left in it is dropped
/// when it is opened.
package final class OpenedStore: Sendable {
  package let store: any VectorStore
  /// Names for what a workload makes in it.
  package let own = OwnCollections.ofThisMachine()
  private let heard: Notices
  private let closed: @Sendable () -> Void

  /// - Parameter closed: called after the store was closed.
  package convenience init(_ store: any VectorStore, closed: @escaping @Sendable () -> Void = {}) {
    self.init(store, Notices(), closed)
  }

  private init(_ store: any VectorStore, _ heard: Notices, _ closed: @escaping @Sendable () -> Void) {
    self.store = store
    self.heard = heard
    self.closed = closed
    let swept = own.sweep(store)
    if swept > 0 { heard.add("\(store.name): dropped what killed runs had left: \(swept) collections") }
  }

  /// What the store told that a reader of its figures must know, each sentence once.
  package var notices: [String] { heard.sentences }

  private final class Notices: Sendable {
    private let told = Mutex<[String]>([])
    var sentences: [String] { told.withLock { $0 } }
    func add(_ sentence: String) { told.withLock { if !$0.contains(sentence) { $0.append(sentence) } } }
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
    _ choice: VectorStoreChoice, environment: [String: String], below parent: String
  ) throws {
    let heard = Notices()
    func open(_ specification: StoreSpecification) throws -> any VectorStore {
      try StoreFactory.open(specification, environment: environment, notice: { heard.add($0) })
    }
    var specification = choice.specification
    guard let file = Self.files[choice.kind], specification.parameters["path"] == nil else {
      self.init(try open(specification), heard, {})
      return
    }
    let folder = "\(parent)/ragmeter-store-\(UUID().uuidString)"
    try Folder.make(folder)
    specification.parameters["path"] = "\(folder)/\(file)"
    do {
      self.init(try open(specification), heard, { try? FileManager.default.removeItem(atPath: folder) })
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
