import Foundation
import FoundationXML
import Reports
import RunStore
import Testing

@Suite struct RagReportTests {
  @Test(arguments: [120, 220]) func terminal(width: Int) throws {
    try expectSnapshot(Report(run: RagFixture.run).terminal(width: width, color: false), "rag-\(width).txt")
  }

  @Test func markdown() throws {
    try expectSnapshot(Report(run: RagFixture.run).markdown(), "rag.md")
  }

  @Test func outsideSystems() throws {
    try expectSnapshot(Report(run: RagFixture.stores).terminal(width: 120, color: false), "rag-stores-120.txt")
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func plotsAreDrawn() throws {
    // Kept where RAGMETER_PLOTS says, to be looked at.
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    for (run, kinds) in [
      (
        RagFixture.run,
        ["-waterfall-1", "-waterfall-2", "-quality-latency", "-throughput-users", "-approximate-ef", ""]
      ),
      (RagFixture.stores, ["-waterfall", "-quality-latency", "-freshness", ""]),
    ] {
      let folder = try TemporaryFolder()
      let files = try Report(run: run).writePlots(to: kept.map { "\($0)/\(run.run.name)" } ?? folder.path)
      #expect(
        Set(files.map { URL(fileURLWithPath: $0).lastPathComponent })
          == Set(kinds.flatMap { ["handbook-rag\($0).png", "handbook-rag\($0).svg"] }))
      for file in files where file.hasSuffix(".svg") {
        let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: file)))
        #expect(parser.parse(), "\(file): \(parser.parserError.map { "\($0)" } ?? "")")
      }
    }
  }

  /// Labels are drawn as they stand, whatever they mean to gnuplot.
  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func hostileLabelsAreDrawn() throws {
    let cases = HostileLabelTests.labels.map { label in
      RagFixture.one(RagFixture.labels(store: label, index: "flat", users: 1, n: 1), RagFixture.Figures())
    }
    let folder = try TemporaryFolder()
    let files = try Report(run: RunRecord(run: header("hostile"), cases: cases)).writePlots(to: folder.path)
    #expect(files.count == 6)
    for file in files where file.hasSuffix(".svg") {
      #expect(XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: file))).parse(), "\(file)")
    }
  }

  /// What nothing was measured of is a row that says why, and draws nothing.
  @Test func aRunOfFailuresIsATable() throws {
    let labels = RagFixture.labels(store: "milvus", index: "flat", users: 1, n: 1)
    let failed = CaseRecord(
      id: RagFixture.id(labels), workload: "rag", labels: labels, failure: "milvus refused the key; see MILVUS_TOKEN")
    let report = Report(run: RunRecord(run: header("failures"), cases: [failed]))
    #expect(report.tables.map(\.title) == ["rag · handbook"])
    #expect(report.terminal(width: 60, color: false).contains("milvus refused the key; see MILVUS_TOKEN"))
    let folder = try TemporaryFolder()
    #expect(try report.writePlots(to: folder.path).isEmpty)
  }
}
