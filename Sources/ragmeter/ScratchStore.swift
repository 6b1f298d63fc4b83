import Foundation
import VectorStores

/// A store for as long as the program runs.
struct ScratchStore {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "ragmeter-\(ProcessInfo.processInfo.processIdentifier)", directoryHint: .isDirectory)

  var specification: StoreSpecification {
    StoreSpecification(kind: "embedded", parameters: ["path": folder.appending(path: "serve.store").path])
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}
