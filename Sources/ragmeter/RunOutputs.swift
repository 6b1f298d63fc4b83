import Foundation
import Reports
import RunStore

/// Where a run's result goes: tables to the terminal, and the files that were asked for.
struct RunOutputs {
  /// The database of runs where no other is named.
  static let store = "results/local/runs.sqlite"

  static let options: [Option] = ["--json", "--csv", "--markdown", "--plots"].map { .value($0) }

  static let usage = """
      --json FILE, --csv FILE, --markdown FILE
                          write the result; '-' writes it to standard output instead of the tables
      --plots DIR         draw plots as PNG and SVG
    """

  private let files: [(format: Format, path: String)]
  private let plots: String?

  private enum Format: String, CaseIterable { case json, csv, markdown }

  /// - Throws: `UsageError` if two results would be mixed on standard output; `ReportError` if the folder for plots cannot
  ///   be made, before anything is measured for them.
  init(_ arguments: Arguments) throws {
    files = Format.allCases.compactMap { format in arguments.value("--\(format.rawValue)").map { (format, $0) } }
    plots = arguments.value("--plots")
    guard files.filter({ $0.path == "-" }).count < 2 else {
      throw UsageError("only one result can go to standard output; give the others a file")
    }
    if let plots { try OutputFile.makeFolder(plots) }
  }

  /// Prints and writes everything it can; what failed is thrown at the end, so that a missing gnuplot costs no table.
  ///
  /// - Parameter store: where the run's latencies are; a run read from a file has none.
  func write(_ record: RunRecord, store: RunStore?) throws {
    let report = try store.map { try Report(run: record, store: $0) } ?? Report(run: record)
    var failures: [any Error] = []
    func attempt(_ work: () throws -> Void) {
      do { try work() } catch { failures.append(error) }
    }
    for (format, path) in files {
      attempt {
        let data =
          switch format {
          case .json: try record.json()
          case .csv: Data(report.csv().utf8)
          case .markdown: Data(report.markdown().utf8)
          }
        try OutputFile.write(data, to: path)
      }
    }
    if !files.contains(where: { $0.path == "-" }) {
      let terminal = Terminal.standardOutput
      let text = report.terminal(width: terminal.width, color: terminal.hasColor)
      attempt { try OutputFile.write(Data(text.utf8), to: "-") }
    }
    if let plots {
      attempt {
        for file in try report.writePlots(to: plots) { FileHandle.standardError.write(Data("wrote \(file)\n".utf8)) }
      }
    }
    for failure in failures.dropLast() { complain("\(failure)") }
    if let last = failures.last { throw last }
  }
}
