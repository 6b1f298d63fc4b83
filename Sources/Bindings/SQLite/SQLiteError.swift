/// Why a database cannot be opened, read or written, as one sentence.
public enum SQLiteError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or created.
  case unopenable(path: String, reason: String)
  /// The file, its folder or its file system allows no writing.
  case readOnly(path: String)
  /// Another process held the database longer than this one waited.
  case locked(path: String)
  case diskFull(path: String)
  /// The file is no SQLite database, or damaged.
  case corrupt(path: String, reason: String)
  /// A loadable extension that SQLite does not take.
  case unloadable(extension: String, reason: String)
  /// Any other failure of SQLite.
  case failed(path: String, reason: String)

  public var description: String {
    switch self {
    case .unopenable(let path, let reason):
      "\(path) cannot be opened: \(reason); check the path and the rights to its folder"
    case .readOnly(let path): "\(path) cannot be written: make it and its folder writable, or name another file"
    case .locked(let path): "\(path) is in use by another process: wait for it to end, or name another file"
    case .diskFull(let path): "\(path) cannot grow: the disk is full; what was stored before is safe"
    case .corrupt(let path, let reason):
      "\(path) is damaged or no SQLite database (\(reason)): move it aside, or restore it from a copy"
    case .unloadable(let file, let reason):
      "SQLite cannot load \(file): \(reason); name the extension's file for this platform"
    case .failed(let path, let reason): "\(path): SQLite failed: \(reason)"
    }
  }
}
