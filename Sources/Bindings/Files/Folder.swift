import Glibc

/// Folders of the file system.
package enum Folder {
  /// Makes a folder and those above it, where they are not there yet.
  ///
  /// - Throws: `DataError.unavailable`.
  package static func make(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST {
        let reason = String(cString: strerror(errno))
        // A read-only system answers so for a folder that is there.
        var status = stat()
        if stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
        throw DataError.unavailable(name: path, reason: "the folder cannot be made: \(reason)")
      }
    }
  }

  /// Whether the path names a folder.
  ///
  /// - Throws: `DataError.unavailable` where nothing is there.
  package static func isFolder(_ path: String) throws -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw DataError.unavailable(name: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file or folder can be read.
  package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// Whether there is a folder of this path.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder that a path lies in.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Names in a folder, sorted.
  ///
  /// - Throws: `DataError.unavailable`.
  package static func names(_ path: String) throws -> [String] {
    guard let stream = opendir(path) else {
      throw DataError.unavailable(name: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with all that is in it; nothing where there is none. Links are removed, not followed.
  ///
  /// - Throws: `DataError.unavailable`.
  package static func remove(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(path) { try remove("\(path)/\(name)") }
    }
    guard Glibc.remove(path) == 0 else {
      throw DataError.unavailable(name: path, reason: "cannot be removed: \(String(cString: strerror(errno)))")
    }
  }
}
