import Reports
import Testing

@Suite struct ReportSnapshotTests {
  @Test(arguments: [80, 120]) func terminal(width: Int) throws {
    try expectSnapshot(Report(run: awkwardRun()).terminal(width: width, color: false), "awkward-\(width).txt")
  }

  @Test func color() throws {
    try expectSnapshot(Report(run: awkwardRun()).terminal(width: 120, color: true), "awkward-color.txt")
  }

  @Test func markdown() throws {
    try expectSnapshot(Report(run: awkwardRun()).markdown(), "awkward.md")
  }

  @Test func csv() throws {
    try expectSnapshot(Report(run: awkwardRun()).csv(), "awkward.csv")
  }

  @Test func peers() throws {
    let report = Report(run: PeersRun(batches: [1]).record)
    try expectSnapshot(report.terminal(width: 160, color: false), "peers-160.txt")
  }
}
