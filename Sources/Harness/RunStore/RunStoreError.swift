/// Why runs cannot be stored or read, as one sentence.
public enum RunStoreError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or created.
  case unopenable(path: String, reason: String)
  /// The file, its folder or its file system allows no writing.
  case readOnly(path: String)
  /// Another process held the database longer than this one waited.
  case locked(path: String)
  case diskFull(path: String)
  /// The file is no SQLite database, or damaged.
  case corrupt(path: String, reason: String)
  /// A SQLite database of another program.
  case foreign(path: String)
  /// Written by a later ragmeter.
  case newerSchema(path: String, found: Int, known: Int)
  /// Any other failure of SQLite.
  case failed(path: String, reason: String)
  /// No stored run, or several, match what was asked for.
  case noSuchRun(String, path: String)
  case ambiguousRun(String, candidates: [String])
  /// A record that contradicts itself or what is stored.
  case invalid(String)
  /// JSON that is no `ragmeter.run/1`.
  case notARun(source: String, reason: String)

  public var description: String {
    switch self {
    case .unopenable(let path, let reason):
      "\(path) cannot be opened: \(reason); check the path and the rights to its folder"
    case .readOnly(let path): "\(path) cannot be written: make it and its folder writable, or name another store"
    case .locked(let path): "\(path) is in use by another process: wait for that run to end, or name another store"
    case .diskFull(let path): "\(path) cannot grow: the disk is full; what was stored before is safe"
    case .corrupt(let path, let reason):
      "\(path) is damaged or no SQLite database (\(reason)): move it aside, or restore it from a copy"
    case .foreign(let path): "\(path) is a SQLite database of another program: name another file for the runs"
    case .newerSchema(let path, let found, let known):
      "\(path) has schema \(found), written by a newer ragmeter; this one knows up to \(known): update it, or name another store"
    case .failed(let path, let reason): "\(path): SQLite failed: \(reason)"
    case .noSuchRun(let name, let path): "no run in \(path) is called '\(name)' or has an id that starts so"
    case .ambiguousRun(let name, let candidates):
      "'\(name)' could be any of the runs \(candidates.joined(separator: ", ")): give more of the id"
    case .invalid(let sentence): sentence
    case .notARun(let source, let reason): "\(source) is no \(RunRecord.schema): \(reason)"
    }
  }
}
