import Files
import HTTP

extension DatasetLibrary {
  /// Brings a file into the cache from the first URL that has it, whole and with the right checksum.
  ///
  /// - Throws: `DataError.unavailable` with every URL's reason, or with the Debian package that brings the file.
  func fetch(_ file: CatalogFile, in entry: some CatalogItem, progress: FetchProgress?) throws -> String {
    let destination = "\(cache)/\(entry.name)/\(file.name)"
    guard !file.urls.isEmpty else {
      guard let package = file.package else {
        throw DataError.unavailable(name: entry.name, reason: "no source of \(file.name) is known")
      }
      throw DataError.unavailable(
        name: entry.name, reason: "\(package.path) is not here; 'sudo apt-get install \(package.name)' brings it")
    }
    try Folder.make("\(cache)/\(entry.name)")
    let held = try FolderLock(folder: "\(cache)/\(entry.name)")
    defer { withExtendedLifetime(held) {} }
    // Another process may have brought it while this one waited.
    if Folder.isReadable(destination) {
      try verify(destination, file: file, in: entry)
      return destination
    }
    var reasons: [String] = []
    // Local copies are asked first.
    for url in file.urls.filter({ $0.hasPrefix("file:") }) + file.urls.filter({ !$0.hasPrefix("file:") }) {
      do {
        try fetch(file, in: entry, from: url, to: destination, progress: progress)
        return destination
      } catch let error as DataError {
        guard case .unavailable = error else { throw error }
        reasons.append(error.description)
      }
    }
    throw DataError.unavailable(
      name: entry.name, reason: "no source gave \(file.name): \(reasons.joined(separator: "; "))")
  }

  private func fetch(
    _ file: CatalogFile, in entry: some CatalogItem, from url: String, to destination: String, progress: FetchProgress?
  ) throws {
    let part = try PartialFile(for: destination)
    let slice = try file.slice.map { try BinSlice(of: file.name, rows: $0.rows, dimension: $0.dimension) }
    let label = "\(entry.name)/\(file.name)"
    let download = Download(url: url, limit: slice?.bytes) {
      progress?(FetchStatus(file: label, received: $0, total: $1 ?? file.bytes))
    }
    try download.run(into: part)
    do {
      try slice?.rewriteHeader(of: part)
      let bytes = try FileBytes(path: part.path, inflating: false)
      let found = LockFile.Entry(sha256: bytes.sha256, bytes: bytes.count, origin: url)
      if let known = try file.sha256 ?? locked(file.name, in: entry), known != found.sha256 {
        throw DataError.unavailable(
          name: url, reason: "brought \(found.bytes) bytes of SHA-256 \(found.sha256), and \(known) was expected")
      }
      try part.commit(to: destination)
      try record(found, as: file.name, in: entry, path: destination)
    } catch {
      part.discard()
      throw error
    }
  }

  /// A member of a tar archive, unpacked into the cache at its first use.
  func unpacked(
    _ member: String, of file: CatalogFile, in entry: some CatalogItem, progress: FetchProgress?
  ) throws -> String {
    let name = member.split(separator: "/").last.map(String.init) ?? member
    let destination = "\(cache)/\(entry.name)/\(name)"
    let unpacked = CatalogFile(name: name)
    if !Folder.isReadable(destination) {
      let archive = try path(of: file, in: entry, progress: progress)
      try Folder.make("\(cache)/\(entry.name)")
      try TarArchive(path: archive).extract(member, to: destination)
    }
    try verify(destination, file: unpacked, in: entry)
    return destination
  }
}
