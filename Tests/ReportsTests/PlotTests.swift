import Foundation
import FoundationXML
import Reports
import Testing

@Suite struct PlotTests {
  /// gnuplot is a package of its own, which a machine that only tests need not have.
  static let hasGnuplot = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot") }

  @Test(.enabled(if: hasGnuplot, "gnuplot is not installed")) func everyPlotIsAPicture() throws {
    let run = PeersRun(batches: [1])
    // Kept where RAGMETER_PLOTS says, to be looked at.
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let folder = try TemporaryFolder()
    let files = try Report(run: run.record, latencies: run.latencies).writePlots(to: kept ?? folder.path + "/a/b")
    for kind in ["recall-qps-graph", "recall-latency-ivf", "latency-distribution-graph", "insert", "recall-memory-ivf"]
    {
      for ending in ["png", "svg"] {
        #expect(files.contains { $0.hasSuffix("/fashion-mnist-\(kind).\(ending)") }, "\(kind).\(ending)")
      }
    }
    for file in files {
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      if file.hasSuffix(".png") {
        #expect(data.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "\(file)")
        // Width and height in the header: twice the SVG's.
        #expect(data[16..<20].elementsEqual([0, 0, 0x07, 0xD0]), "\(file)")
      } else {
        let parser = XMLParser(data: data)
        #expect(parser.parse(), "\(file): \(parser.parserError.map { "\($0)" } ?? "")")
      }
    }
  }
}
