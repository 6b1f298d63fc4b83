import Foundation
import Reports
import RunStore
import Statistics

/// Where a run's result goes: tables to the terminal, and the files that were asked for.
struct RunOutputs {
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

  func write(_ record: RunRecord, store: RunStore) throws {
    let report = Report(run: record, latencies: plots == nil ? [:] : try Self.latencies(of: record, in: store))
    for (format, path) in files {
      let data =
        switch format {
        case .json: try record.json()
        case .csv: Data(report.csv().utf8)
        case .markdown: Data(report.markdown().utf8)
        }
      try OutputFile.write(data, to: path)
    }
    if !files.contains(where: { $0.path == "-" }) {
      let color = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
      try OutputFile.write(Data(report.terminal(width: Self.terminalWidth, color: color).utf8), to: "-")
    }
    if let plots {
      for file in try report.writePlots(to: plots) { FileHandle.standardError.write(Data("wrote \(file)\n".utf8)) }
    }
  }

  /// Latencies of every stored pass, by case.
  private static func latencies(of record: RunRecord, in store: RunStore) throws -> [String: Histogram] {
    var histograms: [String: Histogram] = [:]
    for one in record.cases where one.failure == nil {
      for pass in try store.passes(of: one.id, in: record.run.id) {
        guard case .uint64(let values) = pass.samples["latency"] else { continue }
        for value in values { histograms[one.id, default: Histogram()].record(value) }
      }
    }
    return histograms
  }

  private static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 160 }
    return Int(size.ws_col)
  }
}
