public import RunStore
public import Statistics

/// A run made readable: tables for the terminal and for Markdown, CSV, and plots.
///
/// JSON is the run's own: `RunRecord.json()`; `OutputFile.write` puts any of them where the user asked.
///
/// The labels that are understood: `dataset`, `engine` ("ragmeter" is ours), `index`; `k`, `threads`, `mode`; `n` and
/// `dimension` of the data (shown in captions and titles); every other label is a parameter of the build or of the
/// search. Cases of the workload "insert" tell which, together with the last part of a case's id.
public struct Report: Sendable {
  public let run: RunRecord
  /// Latencies in nanoseconds by case id, for the plot of their distribution.
  public internal(set) var latencies: [String: Histogram]
  /// KV memory over time by case id, for the plot of it.
  public internal(set) var timelines: [String: KVTimelineSeries]
  /// What the plots of a server under load show, by case id.
  public internal(set) var loads: [String: ServeSeries]
  /// Latencies are compared where an index first reaches this recall.
  static let operatingRecall = 0.95

  let cases: [LabeledCase]
  let curves: [SearchCurve]

  public init(
    run: RunRecord, latencies: [String: Histogram] = [:], timelines: [String: KVTimelineSeries] = [:],
    loads: [String: ServeSeries] = [:]
  ) {
    self.run = run
    self.latencies = latencies
    self.timelines = timelines
    self.loads = loads
    cases = LabeledCase.sorted(run.cases)
    curves = SearchCurve.of(cases)
  }

  /// Datasets of the run, by name.
  var datasets: [String] { Set(cases.map(\.labels.dataset)).sorted() }

  /// For each dataset: its workloads, what is reached at recall 0.90, 0.95 and 0.99, and the ratios to the peers.
  public var tables: [Table] {
    datasets.flatMap { dataset in
      let cases = cases.filter { $0.labels.dataset == dataset }
      let curves = curves.filter { $0.labels.dataset == dataset }
      var tables: [Table] = []
      let builds = LabeledCase.builds(of: cases)
      if !builds.isEmpty { tables.append(CaseTable.of(builds, workload: "build", dataset: dataset)) }
      for workload in Set(cases.map(\.labels.workload)).sorted() {
        let members = cases.filter { $0.labels.workload == workload }
        guard workload != "retrieve" else {
          tables.append(RetrieveTable.of(members, dataset: dataset))
          if let table = WorstQuestionsTable.of(members, dataset: dataset) { tables.append(table) }
          continue
        }
        guard workload != "generate" else {
          tables += GenerateRow.sheets(members).map { GenerateTable.of($0, dataset: dataset) }
          if let table = GenerateRatioTable.of(members, dataset: dataset) { tables.append(table) }
          continue
        }
        guard workload != "serve" else {
          tables += ServeTable.of(members, dataset: dataset)
          if let table = KneeTable.of(members, dataset: dataset, seed: run.run.seed) { tables.append(table) }
          if let table = ServeCountsTable.of(members, dataset: dataset) { tables.append(table) }
          tables += ServeRatioTables.of(members, dataset: dataset)
          continue
        }
        guard workload != "rag" else {
          tables += RagTables.of(members, dataset: dataset)
          continue
        }
        guard workload != "store" else {
          tables += StoreTables.of(members, dataset: dataset)
          continue
        }
        tables.append(
          CaseTable.of(
            workload == "search" ? members.map(\.withoutBuild) : members, workload: workload, dataset: dataset))
        if workload == "embed", let table = EmbedRatioTable.of(members, dataset: dataset) { tables.append(table) }
      }
      if let table = AtRecallTable.of(curves, dataset: dataset) { tables.append(table) }
      for family in IndexFamily.allCases {
        let members = curves.filter { $0.family == family }
        if let table = RatioTable.of(members, family: family, dataset: dataset) { tables.append(table) }
      }
      return tables
    }
  }

  /// - Parameters:
  ///   - width: cells of the terminal.
  ///   - color: whether ANSI colours are wanted.
  public func terminal(width: Int, color: Bool) -> String {
    let head =
      DisplayWidth.wrapped(Table.plain(heading), to: width)
      + remarks.flatMap { remark in
        DisplayWidth.wrapped("! " + Table.plain(remark), to: width)
      }
    return ([head.joined(separator: "\n") + "\n"] + tables.map { $0.terminal(width: width, color: color) })
      .joined(separator: "\n")
  }

  public func markdown() -> String {
    var text = "## \(Table.escaped(heading))\n\n"
    if !remarks.isEmpty { text += remarks.map { "- \(Table.escaped($0))\n" }.joined() + "\n" }
    return text + tables.map { $0.markdown() }.joined(separator: "\n")
  }

  /// Every case as a row: full precision, one column a label and, for each metric, value, bounds and samples.
  public func csv() -> String { CaseCSV.text(cases.map(\.record)) }

  /// "Run NAME (ID), started 2026-01-31T12:34:56Z, 12.3 s, seed 42, commit 0123456789".
  private var heading: String {
    var parts = ["run \(run.run.name)" + (run.run.id.isEmpty ? "" : " (\(run.run.id))"), "started \(run.run.started)"]
    if let duration = run.run.duration { parts.append(HumanNumber.text(duration, unit: "s")) }
    parts.append("seed \(run.run.seed)")
    return parts.joined(separator: " · ")
  }

  private var remarks: [String] {
    (run.run.valid ? [] : ["this run is invalid: its numbers are not to be trusted"]) + run.run.warnings
  }
}
