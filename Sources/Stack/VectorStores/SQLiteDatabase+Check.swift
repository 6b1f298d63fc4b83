internal import SQLite

extension SQLiteDatabase {
  /// - Throws: `VectorStoreError.unusable` for a file of another program, or of another version of this one.
  func check(application: Int, version expected: Int, path: String) throws {
    guard try integer("PRAGMA application_id") == application else {
      throw VectorStoreError.unusable(
        path: path, reason: "is a SQLite database of another program; name another file for the store")
    }
    let version = try integer("PRAGMA user_version")
    guard version == expected else {
      throw VectorStoreError.unusable(
        path: path,
        reason: "is a store of version \(version), and this build reads version \(expected); use the build it is of")
    }
  }
}
