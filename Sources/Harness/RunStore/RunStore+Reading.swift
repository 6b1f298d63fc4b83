import Foundation
import Instrumentation
import SQLite

extension RunStore {
  /// The newest unfinished run of that workload: the one that a resume goes on with.
  public func openRun(matching workloadHash: String) throws -> RunHeader? {
    try headers(
      "WHERE workload_hash = ? AND duration IS NULL ORDER BY started DESC, runs.id DESC LIMIT 1", [.text(workloadHash)]
    )
    .first
  }

  /// The newest runs first.
  public func runs(limit: Int = 100) throws -> [RunHeader] {
    try headers("ORDER BY started DESC, runs.id DESC LIMIT ?", [.integer(max(0, limit))])
  }

  /// A run with its stored cases, by its exact id.
  public func run(_ id: String) throws -> RunRecord {
    guard let header = try headers("WHERE runs.id = ?", [.text(id)]).first else {
      throw RunStoreError.noSuchRun(id, path: path)
    }
    return RunRecord(run: header, cases: try storedCases(id))
  }

  /// The run that `text` means: an id, the start of exactly one id, or the newest run of that name.
  public func find(_ text: String) throws -> RunHeader {
    if let exact = try headers("WHERE runs.id = ?", [.text(text)]).first { return exact }
    let named = try headers("WHERE name = ? ORDER BY started DESC, runs.id DESC LIMIT 1", [.text(text)])
    if let newest = named.first { return newest }
    let prefixed = try headers("WHERE substr(runs.id, 1, length(?1)) = ?1 ORDER BY runs.id LIMIT 5", [.text(text)])
    guard let first = prefixed.first, !text.isEmpty else { throw RunStoreError.noSuchRun(text, path: path) }
    guard prefixed.count == 1 else { throw RunStoreError.ambiguousRun(text, candidates: prefixed.map(\.id)) }
    return first
  }

  /// The text of the run's experiment.
  public func spec(of run: String) throws -> String {
    let found = try database.query("SELECT spec FROM runs WHERE id = ?", [.text(run)]) { try $0.text(0) }
    guard let spec = found.first else { throw RunStoreError.noSuchRun(run, path: path) }
    return spec
  }

  /// Cases that are done or have failed, in the order they were stored.
  public func storedCases(_ run: String) throws -> [CaseRecord] {
    let metrics = try metrics(of: run)
    return try database.query(
      """
      SELECT key, id, workload, labels, failure, worst FROM cases WHERE run = ? AND status <> 'open' ORDER BY position, key
      """, [.text(run)]
    ) { row in
      CaseRecord(
        id: try row.text(1), workload: try row.text(2), labels: try decoded(try row.text(3), column: "labels"),
        metrics: metrics[try row.integer(0)] ?? [:], failure: try row.optionalText(4),
        worst: try row.optionalText(5).map { try decoded($0, column: "worst") })
    }
  }

  /// Numbers of the passes that are stored, for each case that has any.
  public func storedPasses(_ run: String) throws -> [String: Set<Int>] {
    let rows = try database.query(
      """
      SELECT DISTINCT cases.id, samples.pass FROM samples JOIN cases ON cases.key = samples.case_key WHERE cases.run = ?
      """, [.text(run)]
    ) { (try $0.text(0), try $0.integer(1)) }
    return rows.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
  }

  /// The passes of a case with their samples, by number.
  public func passes(of caseID: String, in run: String) throws -> [PassRecord] {
    let rows = try database.query(
      """
      SELECT samples.pass, samples.name, samples.data FROM samples JOIN cases ON cases.key = samples.case_key
      WHERE cases.run = ? AND cases.id = ? ORDER BY samples.pass
      """, [.text(run), .text(caseID)]
    ) { row in
      guard let samples = Samples(compressed: try row.blob(2)) else {
        throw SQLiteError.corrupt(path: path, reason: "samples of case '\(caseID)' do not match their checksum")
      }
      return (pass: try row.integer(0), name: try row.text(1), samples: samples)
    }
    return rows.reduce(into: [PassRecord]()) { passes, row in
      if passes.last?.number != row.pass { passes.append(PassRecord(number: row.pass, samples: [:])) }
      passes[passes.count - 1].samples[row.name] = row.samples
    }
  }

  // MARK: Rows

  private func headers(_ condition: String, _ values: [SQLiteValue]) throws -> [RunHeader] {
    try database.query(
      """
      SELECT runs.id, name, started, duration, seed, workload_hash, git, fingerprints.json, valid, warnings
      FROM runs JOIN fingerprints ON fingerprints.id = runs.fingerprint \(condition)
      """, values
    ) { row in
      RunHeader(
        id: try row.text(0), name: try row.text(1), started: try row.text(2), duration: try row.optionalReal(3),
        seed: UInt64(UInt(bitPattern: try row.integer(4))), workloadHash: try row.text(5),
        git: try row.optionalText(6).map { try decoded($0, column: "git") },
        machine: try decoded(try row.text(7), column: "fingerprint"), valid: try row.integer(8) != 0,
        warnings: try decoded(try row.text(9), column: "warnings"))
    }
  }

  private func metrics(of run: String) throws -> [Int: [String: MetricValue]] {
    let rows = try database.query(
      """
      SELECT case_key, name, value, unit, better, metrics.kind, ci95_lower, ci95_upper, n, reason
      FROM metrics JOIN cases ON cases.key = metrics.case_key WHERE cases.run = ?
      """, [.text(run)]
    ) { row in
      guard let better = MetricValue.Direction(rawValue: try row.text(4)),
        let kind = MetricValue.Kind(rawValue: try row.text(5))
      else { throw SQLiteError.corrupt(path: path, reason: "a metric has an unknown direction or kind") }
      let interval = try [row.optionalReal(6), row.optionalReal(7)].compactMap { $0 }
      let metric = MetricValue(
        try row.optionalReal(2), unit: try row.text(3), better: better, kind: kind,
        ci95: interval.count == 2 ? interval : nil, n: try row.integer(8), reason: try row.optionalText(9))
      return (key: try row.integer(0), name: try row.text(1), metric: metric)
    }
    return rows.reduce(into: [:]) { $0[$1.key, default: [:]][$1.name] = $1.metric }
  }

  private func decoded<T: Decodable>(_ json: String, column: String) throws -> T {
    do {
      return try JSONDecoder().decode(T.self, from: Data(json.utf8))
    } catch {
      throw SQLiteError.corrupt(path: path, reason: "column '\(column)' holds no JSON of its kind")
    }
  }
}
