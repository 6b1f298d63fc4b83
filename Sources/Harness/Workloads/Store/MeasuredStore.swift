internal import Foundation
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

  func store() throws -> any VectorStore {
    let result = opened ?? Result { try opener(choice) }
    opened = result
    return try result.get().store
  }

  func close() {
    if case .success(let opened)? = opened { opened.close() }
    opened = nil
  }

  /// A name that is nobody else's: collections are made and dropped under it, and a server's others are never touched.
  static func collectionName() -> String {
    "ragmeter_" + UUID().uuidString.replacing("-", with: "").lowercased().prefix(16)
  }
}
