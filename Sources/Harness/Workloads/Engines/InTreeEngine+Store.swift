internal import Files
internal import Foundation
package import VectorIndexes
internal import VectorStores

/// Where the vectors of an in-tree index live.
package enum StoreChoice: String, Sendable, CaseIterable {
  /// In the index alone.
  case none
  /// In a collection of the embedded store.
  case embedded
}

extension InTreeEngine {
  /// An index in a collection of an embedded store, in a folder of its own below `parent` that goes with the engine.
  package convenience init(_ specification: IndexSpecification, storedBelow parent: String, labels: [String: String]) {
    self.init(labels: labels) { dimension, metric, threads in
      var specification = specification
      if threads > 1 { specification.parameters["threads"] = "\(threads)" }
      let folder = "\(parent)/ragmeter-store-\(UUID().uuidString)"
      try Folder.make(folder)
      do {
        let store = try EmbeddedStore(path: "\(folder)/vectors.store")
        return try StoredIndex(
          specification, dimension: dimension, metric: metric, in: store,
          bytes: { try store.indexMemory(of: "vectors") },
          closed: {
            try? store.close()
            try? FileManager.default.removeItem(atPath: folder)
          })
      } catch {
        try? FileManager.default.removeItem(atPath: folder)
        throw error
      }
    }
  }
}
