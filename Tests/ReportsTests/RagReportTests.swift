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
}
