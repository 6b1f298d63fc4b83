import Files
import Foundation

/// Texts: a file, or a folder that holds an entry's files and nothing else that a loader would read.
extension DatasetLibrary {
  /// Where a corpus can be read; fetched and unpacked if need be.
  ///
  /// A mirror's folder in the place of an archive is taken as it is; single files are checked wherever they are.
  ///
  /// - Throws: `DataError.unavailable` if no source has it or a checksum is wrong.
  public func corpusPath(of entry: CorpusEntry, progress: FetchProgress? = nil) throws -> String {
    if let folder = entry.folder {
      guard Folder.isReadable(folder) else {
        throw DataError.unavailable(name: entry.name, reason: "\(folder) is not here; it belongs to the project")
      }
      return folder
    }
    if let archive = entry.archive { return try unpacked(archive, of: entry, progress: progress) }
    guard entry.files.count > 1 else { return try path(of: entry.files[0], in: entry, progress: progress) }
    return try gathered(entry, progress: progress)
  }

  /// Where a corpus is now, unchecked; `nil` if some of it has to be fetched.
  public func origin(of entry: CorpusEntry) -> FileOrigin? {
    if entry.archive != nil {
      if let mirrored = mirroredFolder(of: entry) { return .mirror(mirrored) }
      let unpacked = unpackedFolder(of: entry)
      if Folder.isReadable(unpacked) { return .cache(unpacked) }
    }
    let origins = entry.files.compactMap { origin(of: $0, in: entry) }
    guard origins.count == entry.files.count, let last = origins.last else { return nil }
    guard origins.count > 1 else { return last }
    let folders = Set(origins.map { folder(of: $0.path) })
    guard folders.count == 1, let folder = folders.first else { return .cache("\(cache)/\(entry.name)") }
    return switch last {
    case .mirror: .mirror(folder)
    case .package: .package(folder)
    case .cache: .cache(folder)
    }
  }

  private func folder(of path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

  /// The one folder that holds every file of an entry: where they all are already, or else the cache.
  private func gathered(_ entry: CorpusEntry, progress: FetchProgress?) throws -> String {
    var paths: [String] = []
    for file in entry.files { paths.append(try path(of: file, in: entry, progress: progress)) }
    let folders = Set(paths.map(folder))
    if folders.count == 1, let folder = folders.first { return folder }
    let destination = "\(cache)/\(entry.name)"
    try Folder.make(destination)
    for (file, path) in zip(entry.files, paths) where path != "\(destination)/\(file.name)" {
      let copy = try AtomicFile(path: "\(destination)/\(file.name)")
      let original = try FileBytes(path: path, inflating: false)
      try copy.write(original.bytes)
      try copy.commit()
      withExtendedLifetime(original) {}
    }
    return destination
  }

  private func mirroredFolder(of entry: CorpusEntry) -> String? {
    guard let folder = mirror.map({ "\($0)/\(entry.mirrorFolder)" }), Folder.isReadable(folder) else { return nil }
    // A mirror that holds the archive itself is no unpacked one.
    return entry.files.contains { Folder.isReadable("\(folder)/\($0.name)") } ? nil : folder
  }

  private func unpackedFolder(of entry: CorpusEntry) -> String { "\(cache)/\(entry.name)/content" }

  private func unpacked(_ archive: CorpusArchive, of entry: CorpusEntry, progress: FetchProgress?) throws -> String {
    if let mirrored = mirroredFolder(of: entry) { return mirrored }
    let destination = unpackedFolder(of: entry)
    if Folder.isReadable(destination) { return destination }
    guard let file = entry.files.first(where: { $0.name == archive.file }) else {
      throw DataError.invalid("'\(entry.name)' has no file called '\(archive.file)'")
    }
    let packed = try path(of: file, in: entry, progress: progress)
    try Folder.make("\(cache)/\(entry.name)")
    let held = try FolderLock(folder: "\(cache)/\(entry.name)")
    defer { withExtendedLifetime(held) {} }
    // Another process may have unpacked it while this one waited.
    if Folder.isReadable(destination) { return destination }
    let part = "\(destination).part"
    try? FileManager.default.removeItem(atPath: part)
    if packed.hasSuffix(".zip") {
      try ZipArchive(path: packed).extract(folder: archive.folder, to: part)
    } else {
      try TarArchive(path: packed).extract(folder: archive.folder, to: part)
    }
    guard rename(part, destination) == 0 else {
      throw DataError.unavailable(
        name: destination, reason: "cannot be put in place: \(String(cString: strerror(errno)))")
    }
    return destination
  }
}
