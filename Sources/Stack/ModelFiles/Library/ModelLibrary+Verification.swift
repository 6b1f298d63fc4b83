internal import Files
internal import Glibc

extension ModelLibrary {
  /// Compares every file of a model with its checksum.
  ///
  /// - Throws: `DataError.unavailable` with both checksums, or if the file is missing.
  public func verify(_ entry: ModelEntry) throws {
    for file in entry.files { try verify(file, of: entry, origin: "found in the cache") }
  }

  /// Whether all files are there with the size and the time that they had when their checksums were compared.
  func isUnchanged(_ entry: ModelEntry) throws -> Bool {
    guard isHere(entry) else { return false }
    let lock = try ModelLock(path: lockPath)
    return entry.files.allSatisfy { file in
      guard let known = lock.files["\(entry.name)/\(file.name)"] else { return false }
      return known.stamp == FileStamp(path: "\(path(of: entry))/\(file.name)")
        && (file.sha256 == nil || file.sha256 == known.sha256)
    }
  }

  /// Moves a file that was fetched to its place, if it is the right one.
  func place(_ fetched: String, as file: ModelFile, of entry: ModelEntry, origin: String) throws {
    let bytes = try FileBytes(path: fetched, inflating: false)
    let digest = bytes.sha256
    if let known = try file.sha256 ?? ModelLock(path: lockPath).files["\(entry.name)/\(file.name)"]?.sha256,
      known != digest
    {
      throw DataError.unavailable(
        name: origin, reason: "\(file.name) has \(bytes.count) bytes of SHA-256 \(digest), and \(known) was expected")
    }
    let destination = "\(path(of: entry))/\(file.name)"
    try Folder.make(Folder.parent(of: destination))
    // The bytes reach the disk before the name does.
    let descriptor = open(fetched, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0, rename(fetched, destination) == 0 else {
      throw DataError.invalid("\(destination) cannot be put in place: \(String(cString: strerror(errno)))")
    }
    try record(digest, of: file, in: entry, origin: origin)
  }

  func verify(_ file: ModelFile, of entry: ModelEntry, origin: String) throws {
    let path = "\(path(of: entry))/\(file.name)"
    let digest = try FileBytes(path: path, inflating: false).sha256
    let locked = try ModelLock(path: lockPath).files["\(entry.name)/\(file.name)"]
    if let known = file.sha256 ?? locked?.sha256, known != digest {
      throw DataError.unavailable(
        name: entry.name,
        reason: "\(path) has the SHA-256 \(digest), not \(known) of "
          + "\(file.sha256 == nil ? lockPath : "the catalogue"); remove the file to fetch it anew")
    }
    try record(digest, of: file, in: entry, origin: locked?.origin ?? origin)
  }

  private func record(_ digest: String, of file: ModelFile, in entry: ModelEntry, origin: String) throws {
    let path = "\(path(of: entry))/\(file.name)"
    guard let stamp = FileStamp(path: path) else {
      throw DataError.unavailable(name: path, reason: "cannot be examined: \(String(cString: strerror(errno)))")
    }
    let held = try FolderLock(folder: cache)
    var lock = try ModelLock(path: lockPath)
    lock.files["\(entry.name)/\(file.name)"] = ModelLock.Entry(sha256: digest, stamp: stamp, origin: origin)
    try lock.write(to: lockPath)
    withExtendedLifetime(held) {}
  }

  private var lockPath: String { "\(cache)/models.lock" }
}
