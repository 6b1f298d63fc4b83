import Files

/// Vectors that are made here, from texts.
extension DatasetLibrary {
  /// Where an entry's derived vectors are: a mirror's, or the cache's, made now if they are not there, were made by another
  /// recipe or are damaged.
  ///
  /// - Throws: `DataError.unavailable` where nothing can make them, and what keeps the derivation from it.
  func derived(_ recipe: CatalogDerivation, _ file: CatalogFile, of entry: CatalogEntry, progress: FetchProgress?)
    throws
    -> String
  {
    if case .mirror(let path)? = origin(of: file, in: entry) {
      try verify(path, file: file, in: entry)
      return path
    }
    let path = "\(cache)/\(entry.name)/\(file.name)"
    if try isCurrent(path, recipe) { return path }
    guard let derivation else {
      throw DataError.unavailable(
        name: entry.name, reason: "has to be embedded; 'ragmeter dataset fetch \(entry.name)' does so")
    }
    try Folder.make("\(cache)/\(entry.name)")
    let held = try FolderLock(folder: "\(cache)/\(entry.name)")
    defer { withExtendedLifetime(held) {} }
    // Another process may have made it while this one waited.
    if try isCurrent(path, recipe) { return path }
    let vectors = try DerivedVectorFile(
      path: path, recipe: recipe, version: derivation.version, dimension: entry.dimension)
    try derivation.append(to: vectors, of: entry, progress: progress)
    try vectors.commit()
    return path
  }

  private func isCurrent(_ path: String, _ recipe: CatalogDerivation) throws -> Bool {
    guard Folder.isReadable(path), let made = DerivedVectorFile.provenance(beside: path) else { return false }
    guard made.recipe == recipe, made.version == derivation?.version ?? made.version else { return false }
    return try FileBytes(path: path, inflating: false).sha256 == made.sha256
  }
}
