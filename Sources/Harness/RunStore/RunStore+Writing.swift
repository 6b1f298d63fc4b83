import Foundation
import Instrumentation
import SQLite

extension RunStore {
  /// Stores a run that is about to start, unfinished.
  ///
  /// - Parameters:
  ///   - header: with an empty id, the store makes one.
  ///   - spec: the experiment's text.
  /// - Returns: the run's id.
  public func createRun(_ header: RunHeader, spec: String = "") throws -> String {
    try database.transaction { try insert(header, spec: spec) }
  }

  /// Stores a case with its metrics, in place of an earlier one of that id; its passes stay.
  public func store(case record: CaseRecord, in run: String) throws {
    try database.transaction { try insert(record, run) }
  }

  /// Stores what one pass of a case measured, in place of an earlier pass of that number. The case itself may come later.
  ///
  /// - Parameter samples: series by name; at least one.
  public func storePass(_ number: Int, of caseID: String, in run: String, samples: [String: Samples]) throws {
    guard !samples.isEmpty else {
      throw RunStoreError.invalid("pass \(number) of case '\(caseID)' has no samples: leave it out")
    }
    for (name, series) in samples where series.count > Samples.largestCount {
      throw RunStoreError.invalid(
        "series '\(name)' of case '\(caseID)' has \(series.count) samples; at most \(Samples.largestCount) can be stored"
      )
    }
    let blobs = samples.mapValues(\.compressed)
    try database.transaction {
      let key = try key(of: caseID, in: run)
      try database.run("DELETE FROM samples WHERE case_key = ? AND pass = ?", [.integer(key), .integer(number)])
      for (name, blob) in blobs.sorted(by: { $0.key < $1.key }) {
        try database.run(
          "INSERT INTO samples (case_key, pass, name, data) VALUES (?, ?, ?, ?)",
          [.integer(key), .integer(number), .text(name), .blob(blob)])
      }
    }
  }

  /// Closes a run: from now on it is no candidate for a resume.
  public func finishRun(_ id: String, duration: Double, valid: Bool, warnings: [String]) throws {
    guard duration.isFinite else { throw RunStoreError.invalid("run '\(id)' cannot have lasted \(duration) s") }
    try database.transaction {
      try requireRun(id)
      try database.run(
        "UPDATE runs SET duration = ?, valid = ?, warnings = ? WHERE id = ?",
        [.real(duration), .integer(valid ? 1 : 0), .text(try Self.json(warnings)), .text(id)])
    }
  }

  /// Stores a run with all its cases, as from a JSON file; passes are not part of it.
  public func importRun(_ record: RunRecord) throws {
    guard !record.run.id.isEmpty else { throw RunStoreError.invalid("a run without an id cannot be imported") }
    try database.transaction {
      _ = try insert(record.run, spec: "")
      for one in record.cases { try insert(one, record.run.id) }
    }
  }

  // MARK: Rows

  private func insert(_ header: RunHeader, spec: String) throws -> String {
    let id = try header.id.isEmpty ? freshID(started: header.started) : header.id
    guard try database.integer("SELECT count(*) FROM runs WHERE id = ?", [.text(id)]) == 0 else {
      throw RunStoreError.invalid("run '\(id)' is already in \(path)")
    }
    let machine = try Self.json(header.machine)
    try database.run("INSERT OR IGNORE INTO fingerprints (json) VALUES (?)", [.text(machine)])
    let fingerprint = try database.integer("SELECT id FROM fingerprints WHERE json = ?", [.text(machine)])
    try database.run(
      """
      INSERT INTO runs (id, name, started, duration, seed, workload_hash, git, fingerprint, valid, warnings, spec)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(id), .text(header.name), .text(header.started), .optional(header.duration),
        .integer(Int(bitPattern: UInt(header.seed))), .text(header.workloadHash),
        .optional(try header.git.map { try Self.json($0) }), .integer(fingerprint), .integer(header.valid ? 1 : 0),
        .text(try Self.json(header.warnings)), .text(spec),
      ])
    return id
  }

  private func insert(_ record: CaseRecord, _ run: String) throws {
    let key = try key(of: record.id, in: run)
    try database.run("DELETE FROM metrics WHERE case_key = ?", [.integer(key)])
    try database.run(
      """
      UPDATE cases SET status = ?, workload = ?, labels = ?, failure = ?, worst = ?,
        position = (SELECT coalesce(max(position), 0) + 1 FROM cases WHERE run = ?) WHERE key = ?
      """,
      [
        .text(record.failure == nil ? "done" : "failed"), .text(record.workload), .text(try Self.json(record.labels)),
        .optional(record.failure), .optional(try record.worst.map { try Self.json($0) }), .text(run), .integer(key),
      ])
    for (name, metric) in record.metrics.sorted(by: { $0.key < $1.key }) {
      try insert(metric, name: name, key: key, caseID: record.id)
    }
  }

  private func insert(_ metric: MetricValue, name: String, key: Int, caseID: String) throws {
    let interval = metric.ci95 ?? []
    guard metric.value?.isFinite ?? true, interval.allSatisfy(\.isFinite), [0, 2].contains(interval.count) else {
      throw RunStoreError.invalid(
        "metric '\(name)' of case '\(caseID)' must be finite or nil, with an interval of two bounds or none")
    }
    try database.run(
      """
      INSERT INTO metrics (case_key, name, value, unit, better, kind, ci95_lower, ci95_upper, n, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .integer(key), .text(name), .optional(metric.value), .text(metric.unit), .text(metric.better.rawValue),
        .text(metric.kind.rawValue), .optional(interval.first), .optional(interval.last), .integer(metric.n),
        .optional(metric.reason),
      ])
  }

  /// The row of a case, made open if there is none.
  private func key(of caseID: String, in run: String) throws -> Int {
    let known = try database.query("SELECT key FROM cases WHERE run = ? AND id = ?", [.text(run), .text(caseID)]) {
      try $0.integer(0)
    }
    if let key = known.first { return key }
    try requireRun(run)
    try database.run(
      "INSERT INTO cases (run, id, status, position, workload, labels) VALUES (?, ?, 'open', 0, '', '{}')",
      [.text(run), .text(caseID)])
    return database.lastInsertedRow
  }

  private func requireRun(_ id: String) throws {
    guard try database.integer("SELECT count(*) FROM runs WHERE id = ?", [.text(id)]) == 1 else {
      throw RunStoreError.noSuchRun(id, path: path)
    }
  }

  /// "20260131T123456-3fa9c1": sorts by the start, and says when that was.
  private func freshID(started: String) throws -> String {
    let digits = started.prefix(19).filter { $0.isNumber || $0 == "T" }
    while true {
      let suffix = String(UInt32.random(in: 0x10_0000...0xFF_FFFF), radix: 16)
      let id = "\(digits)-\(suffix)"
      if try database.integer("SELECT count(*) FROM runs WHERE id = ?", [.text(id)]) == 0 { return id }
    }
  }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
