import Foundation
import RunStore

extension Report {
  /// Draws every plot as PNG and SVG into a folder, which is made where it is missing: recall against QPS, recall
  /// against latency, the distribution of latencies, insert time and rate, memory against recall, embedding speed,
  /// retrieval quality against cost and over chunk sizes, output tokens a second and KV memory against n and over time, latency and
  /// goodput of servers under load, of whole systems the stages,
  /// quality against latency, throughput, and all on one page, and stores side by side.
  ///
  /// - Parameter gnuplot: the program, looked up on PATH.
  /// - Returns: the files' paths; none where the run has nothing to draw.
  /// - Throws: `ReportError.unwritable`, `.noGnuplot`, `.plotFailed`; what was drawn before stays.
  @discardableResult
  public func writePlots(to folder: String, gnuplot: String = "gnuplot") throws -> [String] {
    let plots = plots
    try OutputFile.makeFolder(folder)
    return try plots.flatMap { try PlotFile.write($0, to: folder, gnuplot: gnuplot) }
  }

  var plots: [Plot] {
    datasets.flatMap { dataset -> [Plot] in
      let cases = cases.filter { $0.labels.dataset == dataset }
      func of(_ workload: String) -> [LabeledCase] { cases.filter { $0.labels.workload == workload } }
      let indexes = cases.filter { !["retrieve", "generate", "serve", "rag", "store"].contains($0.labels.workload) }
      var plots = PlotSet(
        dataset: dataset, cases: indexes, curves: curves.filter { $0.labels.dataset == dataset }, latencies: latencies
      ).plots
      plots += EmbedPlots(of("embed"), dataset: dataset).plots
      plots += RetrievePlots(of("retrieve"), dataset: dataset)?.plots ?? []
      plots += GeneratePlots(of("generate"), dataset: dataset, timelines: timelines).plots
      plots += ServePlots(of("serve"), dataset: dataset, series: loads).plots
      plots += RagPlots(of("rag"), dataset: dataset).plots
      plots += StorePlots(of("store"), dataset: dataset).plots
      return plots
    }
  }
}

/// One plot as files.
enum PlotFile {
  static func write(_ plot: Plot, to folder: String, gnuplot: String) throws -> [String] {
    let process = try Gnuplot(program: gnuplot)
    for block in PlotScript.blocks(of: plot) { process.send(block: block.name, columns: block.columns) }
    // Drawn beside its place and moved there when whole, so that a failure leaves no half a picture.
    let files = PlotScript.Format.allCases.map { format in
      (format, path: "\(folder)/\(plot.name).\(format.rawValue)", partial: "\(folder)/.\(plot.name).\(format.rawValue)")
    }
    defer { for file in files { unlink(file.partial) } }
    for (format, _, partial) in files {
      for command in PlotScript(plot: plot, format: format).commands(output: partial) { process.send(command) }
    }
    if let complaint = process.finish() { throw ReportError.plotFailed(plot: plot.name, reason: complaint) }
    for (format, path, partial) in files {
      guard isWhole(partial, format) else {
        throw ReportError.plotFailed(plot: plot.name, reason: "the file '\(path)' is incomplete; the disk may be full")
      }
      guard rename(partial, path) == 0 else {
        throw ReportError.unwritable(path: path, reason: String(cString: strerror(errno)))
      }
    }
    return files.map(\.path)
  }

  /// gnuplot does not notice a disk that fills up: a whole file is known by its end.
  private static func isWhole(_ path: String, _ format: PlotScript.Format) -> Bool {
    guard let data = FileManager.default.contents(atPath: path) else { return false }
    let tail = data.suffix(16)
    return switch format {
    case .png: tail.range(of: Data("IEND".utf8)) != nil
    case .svg: tail.range(of: Data("</svg>".utf8)) != nil
    }
  }
}
