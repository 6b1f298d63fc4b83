import SQLite

/// Why runs cannot be stored or read, as one sentence; what SQLite itself refuses is a `SQLiteError`.
public enum RunStoreError: Error, Equatable, CustomStringConvertible {
  /// A SQLite database of another program.
  case foreign(path: String)
  /// Written by a later ragmeter.
  case newerSchema(path: String, found: Int, known: Int)
  /// No stored run, or several, match what was asked for.
  case noSuchRun(String, path: String)
  case ambiguousRun(String, candidates: [String])
  /// A record that contradicts itself or what is stored.
  case invalid(String)
  /// JSON that is no `ragmeter.run/1`.
  case notARun(source: String, reason: String)

  public var description: String {
    switch self {
    case .foreign(let path): "\(path) is a SQLite database of another program: name another file for the runs"
    case .newerSchema(let path, let found, let known):
      "\(path) has schema \(found), written by a newer ragmeter; this one knows up to \(known): update it, or name another store"
    case .noSuchRun(let name, let path): "no run in \(path) is called '\(name)' or has an id that starts so"
    case .ambiguousRun(let name, let candidates):
      "'\(name)' could be any of the runs \(candidates.joined(separator: ", ")): give more of the id"
    case .invalid(let sentence): sentence
    case .notARun(let source, let reason): "\(source) is no \(RunRecord.schema): \(reason)"
    }
  }
}
