package import SQLite

/// The tables, and how an older database becomes the present one.
package enum Schema {
  /// Marks the file as ragmeter's: the letters "RGMT".
  static let applicationID = 0x5247_4D54

  /// One step for each schema ever released; a database's `user_version` counts those it has been through. Steps are
  /// only ever added.
  package static let steps = [
    """
    CREATE TABLE fingerprints (
      id INTEGER PRIMARY KEY,
      json TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      started TEXT NOT NULL,
      duration REAL,
      seed INTEGER NOT NULL,
      workload_hash TEXT NOT NULL,
      git TEXT,
      fingerprint INTEGER NOT NULL REFERENCES fingerprints (id),
      valid INTEGER NOT NULL,
      warnings TEXT NOT NULL,
      spec TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_workload ON runs (workload_hash, started);
    CREATE TABLE cases (
      key INTEGER PRIMARY KEY,
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      id TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('open', 'done', 'failed')),
      position INTEGER NOT NULL,
      workload TEXT NOT NULL,
      labels TEXT NOT NULL,
      failure TEXT,
      UNIQUE (run, id)
    ) STRICT;
    CREATE TABLE metrics (
      case_key INTEGER NOT NULL REFERENCES cases (key) ON DELETE CASCADE,
      name TEXT NOT NULL,
      value REAL,
      unit TEXT NOT NULL,
      better TEXT NOT NULL,
      kind TEXT NOT NULL,
      ci95_lower REAL,
      ci95_upper REAL,
      n INTEGER NOT NULL,
      reason TEXT,
      PRIMARY KEY (case_key, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE samples (
      case_key INTEGER NOT NULL REFERENCES cases (key) ON DELETE CASCADE,
      pass INTEGER NOT NULL,
      name TEXT NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (case_key, pass, name)
    ) STRICT;
    """,
    "ALTER TABLE cases ADD COLUMN worst TEXT",
  ]

  /// Takes the steps that the database has not been through, each of them whole or not at all.
  ///
  /// - Throws: `RunStoreError.newerSchema`, `.foreign`, or what SQLite says.
  package static func migrate(_ database: SQLiteDatabase, steps: [String] = Schema.steps) throws {
    try check(database, known: steps.count)
    guard try version(database) < steps.count else { return }
    try database.transaction {
      // Another process may have been faster while this one waited for the lock.
      let version = try version(database)
      guard version < steps.count else { return }
      for step in steps[version...] { try database.execute(step) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(steps.count)")
    }
  }

  /// Refuses a database of another program or of a later ragmeter.
  static func check(_ database: SQLiteDatabase, known: Int = Schema.steps.count) throws {
    let application = try database.integer("PRAGMA application_id")
    if application != applicationID {
      guard application == 0, try database.integer("SELECT count(*) FROM sqlite_schema") == 0 else {
        throw RunStoreError.foreign(path: database.path)
      }
    }
    let version = try version(database)
    guard (0...known).contains(version) else {
      throw RunStoreError.newerSchema(path: database.path, found: version, known: known)
    }
  }

  static func version(_ database: SQLiteDatabase) throws -> Int { try database.integer("PRAGMA user_version") }
}
