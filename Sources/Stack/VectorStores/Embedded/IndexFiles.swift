import Files
import Foundation
import VectorIndexes

/// The index files of a store, in a folder beside its SQLite file: `ID-GENERATION.index` for each collection.
///
/// A new index is a new file, which the store's next transaction adopts; what no collection has adopted is swept away when
/// the store is opened.
struct IndexFiles: Sendable {
  let folder: String
  let isReadOnly: Bool

  init(store path: String, readOnly: Bool) {
    folder = "\(path).indexes"
    isReadOnly = readOnly
  }

  func path(_ collection: Int, _ generation: Int) -> String { "\(folder)/\(collection)-\(generation).index" }

  /// Writes an index, which is on the disk when this returns.
  ///
  /// - Returns: its seal.
  func save(_ index: any VectorIndex, _ collection: Int, _ generation: Int) throws -> [UInt8] {
    let path = path(collection, generation)
    try Folder.make(folder)
    try index.save(to: path)
    return try IndexFactory.seal(of: path)
  }

  /// - Throws: `VectorIndexError` for a file that is not there, damaged, or not the one with this seal.
  func open(_ collection: Int, _ saved: SavedIndex) throws -> any VectorIndex {
    let path = path(collection, saved.generation)
    guard try IndexFactory.seal(of: path) == saved.seal else {
      throw VectorIndexError.corruptFile(path: path, offset: 0, reason: "is another index than the store saved")
    }
    return try IndexFactory.open(path)
  }

  func remove(_ collection: Int, _ generation: Int) {
    // One that stays is swept away later.
    try? FileManager.default.removeItem(atPath: path(collection, generation))
  }

  func bytes(_ collection: Int, _ generation: Int) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path(collection, generation))
    return attributes?[.size] as? Int ?? 0
  }

  /// Removes the files of indexes, whole or begun, that belong to no collection.
  func sweep(keeping collections: [StoredCollection]) {
    let kept = Set(collections.map { "\($0.id)-\($0.saved.generation).index" })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where !kept.contains(name) && Self.isOurs(name) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  private static func isOurs(_ name: String) -> Bool { name.wholeMatch(of: /\d+-\d+\.index(\..*\.partial)?/) != nil }
}
