import Foundation
import Reports
import Testing

@Suite struct OutputFaultTests {
  private func message(_ work: () throws -> Void) -> String {
    do {
      try work()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  @Test func aMissingGnuplotIsOneSentence() throws {
    let folder = try TemporaryFolder()
    let report = Report(run: awkwardRun())
    let said = message { try report.writePlots(to: folder.path, gnuplot: "no-such-gnuplot") }
    #expect(
      said == "no plots: gnuplot cannot be started (no-such-gnuplot: No such file or directory); "
        + "install Debian's package gnuplot-nox")
  }

  /// Ends before it reads: writing to it must not end this process.
  @Test func aGnuplotThatDiesIsOneSentence() throws {
    let folder = try TemporaryFolder()
    let report = Report(run: awkwardRun())
    let said = message { try report.writePlots(to: folder.path, gnuplot: "false") }
    #expect(said == "no plot '---set-recall-qps': gnuplot says: exit status 1")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  /// Exits well and has drawn nothing.
  @Test func aGnuplotThatDrawsNothingIsNoticed() throws {
    let folder = try TemporaryFolder()
    let report = Report(run: awkwardRun())
    let said = message { try report.writePlots(to: folder.path, gnuplot: "true") }
    #expect(said.contains("is incomplete; the disk may be full"))
  }

  @Test func aFolderThatIsAFileIsRefused() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    let said = message { try Report(run: awkwardRun()).writePlots(to: folder.path + "/file/plots") }
    #expect(said.hasPrefix("cannot write '\(folder.path)/file/plots' ("), "\(said)")
    #expect(said.hasSuffix("); choose another place or change its permissions"), "\(said)")
  }

  /// /proc takes no files from anybody, root included.
  @Test(arguments: ["/proc/ragmeter-report.csv", "/no/such/folder/report.csv"])
  func aPlaceThatTakesNoFileIsRefused(path: String) {
    let said = message { try OutputFile.write(Data("x".utf8), to: path) }
    #expect(said.hasPrefix("cannot write '\(path)' ("), "\(said)")
  }

  @Test func aFileIsReplacedWhole() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/report.csv"
    try OutputFile.write(Data("first, and longer".utf8), to: path)
    try OutputFile.write(Data("second".utf8), to: path)
    #expect(try String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) == "second")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.csv"])
  }
}
