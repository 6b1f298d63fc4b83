internal import CSQLite

/// A (primary or extended) result code of SQLite.
struct SQLiteResultCode: RawRepresentable, Equatable {
  var rawValue: Int32

  init(rawValue: Int32) { self.rawValue = rawValue }

  /// Without the detail of the extended code.
  var primary: SQLiteResultCode { SQLiteResultCode(rawValue: rawValue & 0xFF) }

  static let ok = SQLiteResultCode(rawValue: SQLITE_OK)
  static let row = SQLiteResultCode(rawValue: SQLITE_ROW)
  static let done = SQLiteResultCode(rawValue: SQLITE_DONE)
  static let busy = SQLiteResultCode(rawValue: SQLITE_BUSY)
  static let locked = SQLiteResultCode(rawValue: SQLITE_LOCKED)
  static let readOnly = SQLiteResultCode(rawValue: SQLITE_READONLY)
  static let permission = SQLiteResultCode(rawValue: SQLITE_PERM)
  static let cannotOpen = SQLiteResultCode(rawValue: SQLITE_CANTOPEN)
  static let corrupt = SQLiteResultCode(rawValue: SQLITE_CORRUPT)
  static let notADatabase = SQLiteResultCode(rawValue: SQLITE_NOTADB)
  static let full = SQLiteResultCode(rawValue: SQLITE_FULL)
  static let mismatch = SQLiteResultCode(rawValue: SQLITE_MISMATCH)
  static let tooBig = SQLiteResultCode(rawValue: SQLITE_TOOBIG)

  /// What the code means for the database at `path`.
  func error(path: String, message: String) -> SQLiteError {
    switch primary {
    case .busy, .locked: .locked(path: path)
    case .readOnly, .permission: .readOnly(path: path)
    case .cannotOpen: .unopenable(path: path, reason: message)
    case .corrupt, .notADatabase: .corrupt(path: path, reason: message)
    case .full: .diskFull(path: path)
    default: .failed(path: path, reason: message)
    }
  }
}
