internal import VectorStores

/// A store of a section, opened when it is first needed; one that cannot be opened says so each time.
final class MeasuredStore {
  let choice: VectorStoreChoice
  /// Names for what is made in it.
  let own = OwnCollections.ofThisMachine()
  private let opener: (VectorStoreChoice) throws -> OpenedStore
  /// Collections of killed runs that were dropped when it was opened.
  private(set) var swept = 0
  private var opened: Result<OpenedStore, any Error>?

  init(_ choice: VectorStoreChoice, opener: @escaping (VectorStoreChoice) throws -> OpenedStore) {
    self.choice = choice
    self.opener = opener
  }

  func store() throws -> any VectorStore {
    if let opened { return try opened.get().store }
    let result = Result { try opener(choice) }
    opened = result
    let store = try result.get().store
    swept = own.sweep(store)
    return store
  }

  func close() {
    if case .success(let opened)? = opened { opened.close() }
    opened = nil
  }
}
