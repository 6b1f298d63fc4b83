import Glibc

/// Files that belong to the project itself, as its catalogues do.
package enum ProjectFile {
  /// The file of this path below the folder of the project, in which the executable lies, or else the current folder; an
  /// absolute path is that file's.
  ///
  /// - Throws: `DataError.unavailable` if no folder above either has it.
  package static func path(_ name: String) throws -> String {
    if name.hasPrefix("/"), Folder.isReadable(name) { return name }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(readlink("/proc/self/exe", &buffer, buffer.count), 0)
    let executable = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let current = getcwd(nil, 0)
    defer { free(current) }
    for start in [executable, current.map { String(cString: $0) + "/." } ?? ""] {
      var folder = start[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        let candidate = "\(folder)/\(name)"
        if Folder.isReadable(candidate) { return candidate }
      }
    }
    throw DataError.unavailable(
      name: name, reason: "is in no folder above \(executable) or the current one; run within the project")
  }
}
