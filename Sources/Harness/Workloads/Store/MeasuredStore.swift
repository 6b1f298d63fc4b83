internal import VectorStores

/// A store of a section, opened when it is first needed; one that cannot be opened says so each time.
final class MeasuredStore {
  let choice: VectorStoreChoice
  private let opener: (VectorStoreChoice) throws -> OpenedStore
  private var opened: Result<OpenedStore, any Error>?

  init(_ choice: VectorStoreChoice, opener: @escaping (VectorStoreChoice) throws -> OpenedStore) {
    self.choice = choice
    self.opener = opener
  }

  func open() throws -> OpenedStore {
    let result = opened ?? Result { try opener(choice) }
    opened = result
    return try result.get()
  }

  /// What the store told that a reader of its figures must know.
  var notices: [String] { (try? opened?.get().notices) ?? [] }

  func close() {
    if case .success(let opened)? = opened { opened.close() }
    opened = nil
  }
}
