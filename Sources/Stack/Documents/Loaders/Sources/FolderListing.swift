internal import Files
import Glibc

/// The files below a folder.
enum FolderListing {
  /// Paths relative to `folder`, sorted by their bytes so that every machine reads them in one order. Links to files are
  /// followed; links to folders are not, for they may lead in circles.
  ///
  /// - Throws: `DataError.unavailable` for a folder that cannot be read.
  static func files(below folder: String) throws -> [String] {
    var found: [String] = []
    var open = [""]
    while let relative = open.popLast() {
      for name in try names(in: relative.isEmpty ? folder : "\(folder)/\(relative)") {
        let path = relative.isEmpty ? name : "\(relative)/\(name)"
        var status = stat()
        guard lstat("\(folder)/\(path)", &status) == 0 else { continue }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, stat("\(folder)/\(path)", &status) != 0 { continue }
        if status.st_mode & S_IFMT == S_IFREG { found.append(path) }
        if status.st_mode & S_IFMT == S_IFDIR, !isLink { open.append(path) }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func names(in folder: String) throws -> [String] {
    guard let handle = opendir(folder) else {
      throw DataError.unavailable(
        name: folder, reason: "the folder cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
