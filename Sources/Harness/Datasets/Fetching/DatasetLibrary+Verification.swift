import Files

extension DatasetLibrary {
  /// Compares a file with the checksum of the catalogue, or of the lock file; where neither knows one, records it.
  ///
  /// - Throws: `DataError.unavailable`, saying both checksums.
  func verify(_ path: String, file: CatalogFile, in entry: some CatalogItem) throws {
    let raw = try FileBytes(path: path, inflating: false)
    let digest = raw.sha256
    if let known = file.sha256 {
      guard digest == known else { throw differs(path, digest, from: known, in: entry, of: "the catalogue") }
      return
    }
    try record(LockFile.Entry(sha256: digest, bytes: raw.count, origin: path), as: file.name, in: entry, path: path)
  }

  /// The checksum that the lock file holds for a file, if it holds one.
  func locked(_ name: String, in entry: some CatalogItem) throws -> String? {
    try LockFile(path: lockPath).files["\(entry.name)/\(name)"]?.sha256
  }

  /// Records a checksum at the first use, and compares it ever after.
  func record(_ found: LockFile.Entry, as name: String, in entry: some CatalogItem, path: String) throws {
    if let known = try locked(name, in: entry) {
      guard found.sha256 == known else { throw differs(path, found.sha256, from: known, in: entry, of: lockPath) }
      return
    }
    try Folder.make(cache)
    let held = try FolderLock(folder: cache)
    var lock = try LockFile(path: lockPath)
    lock.files["\(entry.name)/\(name)"] = found
    try lock.write(to: lockPath)
    withExtendedLifetime(held) {}
  }

  private var lockPath: String { "\(cache)/datasets.lock" }

  private func differs(
    _ path: String, _ digest: String, from known: String, in entry: some CatalogItem, of holder: String
  ) -> DataError {
    .unavailable(
      name: entry.name,
      reason: "\(path) has the SHA-256 \(digest), not \(known) of \(holder); remove the file to fetch it anew")
  }
}
