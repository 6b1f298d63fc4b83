import Datasets
import Files
import Foundation
import TestFixtures
import Testing

@Suite struct TarArchiveTests {
  private let folder = TemporaryFolder()

  private func run(_ words: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func loader(archive: String, member: String) throws -> DatasetLoader {
    let text = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: packed, about: test, licence: none, source: none, metric: l2, dimension: 4,
           base: {file: \(archive), member: '\(member)', count: 300},
           queries: {file: \(archive), member: 'set/query.fvecs', count: 20},
           files: [{name: \(archive), urls: ['file://\(folder.path)/\(archive)']}]}
      """
    return DatasetLoader(
      catalog: try Catalog(path: folder.file("catalog.yml", text)),
      library: DatasetLibrary(cache: "\(folder.path)/cache"))
  }

  private func makeArchive(_ member: String, format: String) throws {
    let set = "\(folder.path)/\(member)"
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: set).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/set", withIntermediateDirectories: true)
    try VectorFile.write(VectorSet(dimension: 4, values: (0..<1200).map { Float($0) }), to: set)
    try VectorFile.write(
      VectorSet(dimension: 4, values: (0..<80).map { Float($0) }), to: "\(folder.path)/set/query.fvecs")
    try run("tar", "--format=\(format)", "-czf", "a.tar.gz", "set")
  }

  @Test(arguments: ["ustar", "gnu", "v7"])
  func membersAreUnpacked(format: String) throws {
    try makeArchive("set/base.fvecs", format: format)
    let loader = try loader(archive: "a.tar.gz", member: "set/base.fvecs")
    let set = try loader.load(DatasetRequest(name: "packed"))
    #expect(set.base.values == (0..<1200).map { Float($0) } && set.queries.count == 20)
    // The second time nothing is unpacked.
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache/packed/a.tar.gz")
    #expect(try loader.load(DatasetRequest(name: "packed")).base == set.base)
  }

  @Test func longNamesAreRead() throws {
    let member = "set/\(String(repeating: "long-folder-name/", count: 12))base.fvecs"
    try makeArchive(member, format: "gnu")
    #expect(try loader(archive: "a.tar.gz", member: member).load(DatasetRequest(name: "packed")).base.count == 300)
  }

  @Test func damagedArchivesSayWhere() throws {
    try makeArchive("set/base.fvecs", format: "ustar")
    let none = failure {
      _ = try loader(archive: "a.tar.gz", member: "set/none.fvecs").load(DatasetRequest(name: "packed"))
    }
    #expect(none?.contains("the archive has no member 'set/none.fvecs'") == true)
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache")
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/a.tar.gz"))
    _ = try folder.file("a.tar.gz", Array(whole.prefix(whole.count / 2)))
    let short = failure {
      _ = try loader(archive: "a.tar.gz", member: "set/none.fvecs").load(DatasetRequest(name: "packed"))
    }
    #expect(short?.contains("the gzip stream is cut short") == true)
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache")
    _ = try folder.file("plain", Array(repeating: 1, count: 2000))
    try run("sh", "-c", "gzip -c plain > a.tar.gz")
    let plain = failure {
      _ = try loader(archive: "a.tar.gz", member: "set/none.fvecs").load(DatasetRequest(name: "packed"))
    }
    #expect(plain?.contains("byte 0 of the archive: a header's number is not octal") == true)
  }
}
