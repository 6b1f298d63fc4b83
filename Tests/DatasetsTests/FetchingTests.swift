import Datasets
import Files
import Foundation
import TestFixtures
import Testing

@Suite struct FetchingTests {
  private let folder = TemporaryFolder()
  /// An fbin file of 1 000 × 8.
  private let body: [UInt8]
  private let digest: String

  init() throws {
    let path = "\(folder.path)/origin.fbin"
    try VectorFile.write(VectorSet(dimension: 8, values: (0..<8000).map { Float($0) }), to: path)
    body = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    digest = try #require(FetchingTests.sha256(path))
  }

  private static func sha256(_ path: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = [path]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return text.split(separator: " ").first.map(String.init)
  }

  private var library: DatasetLibrary { DatasetLibrary(cache: "\(folder.path)/cache", mirror: "\(folder.path)/mirror") }

  /// A catalogue of one dataset, read as the real one is.
  private func loader(_ urls: [String], sha256: String? = nil, more: String = "", rows: Int = 1000) throws
    -> DatasetLoader
  {
    let text = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: far, about: test, licence: none, source: none, metric: l2, dimension: 8, held_out: 10,
           base: {file: a.fbin, count: \(rows)},
           files: [{name: a.fbin, urls: [\(urls.map { "'\($0)'" }.joined(separator: ", "))]\(more)\(sha256.map { ", sha256: \($0)" } ?? "")}]}
      """
    return DatasetLoader(catalog: try Catalog(path: folder.file("catalog.yml", text)), library: library)
  }

  private func load(_ loader: DatasetLoader) throws -> VectorDataset { try loader.load(DatasetRequest(name: "far")) }

  private func cached(_ name: String = "a.fbin") -> String { "\(folder.path)/cache/far/\(name)" }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test func fileURLsAreAskedFirst() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    let loader = try loader([server.url("a"), "file://\(folder.path)/origin.fbin"], sha256: digest)
    #expect(try load(loader).base.count == 990)
    #expect(server.requests.isEmpty)
    #expect(exists(cached()) && !exists(cached("a.fbin.part")) && !exists(cached("a.fbin.part.from")))
  }

  @Test func mirrorIsAskedBeforeAnything() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/mirror/far", withIntermediateDirectories: true)
    _ = try folder.file("mirror/far/a.fbin", body)
    let loader = try loader(["http://127.0.0.1:1/a"], sha256: digest)
    #expect(try load(loader).base.count == 990)
    _ = try folder.file("mirror/far/a.fbin", body + [0])
    #expect(failure { _ = try load(loader) }?.contains("mirror/far/a.fbin has the SHA-256") == true)
  }

  @Test func firstFetchIsRecordedAndVerifiedEverAfter() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    let loader = try loader([server.url("a")])
    var seen: [FetchStatus] = []
    _ = try loader.load(DatasetRequest(name: "far")) { seen.append($0) }
    #expect(seen.last == FetchStatus(file: "far/a.fbin", received: body.count, total: body.count))
    let lock = try String(contentsOfFile: "\(folder.path)/cache/datasets.lock", encoding: .utf8)
    #expect(lock.contains(digest) && lock.contains(server.url("a")))
    _ = try load(loader)
    #expect(server.requests.count == 1)

    var changed = body
    changed[100] ^= 1
    try Data(changed).write(to: URL(fileURLWithPath: cached()))
    #expect(failure { _ = try load(loader) }?.contains("not \(digest) of") == true)
    try FileManager.default.removeItem(atPath: cached())
    server.become(ServedFile(body: changed))
    let sentence = failure { _ = try load(loader) }
    #expect(
      sentence?.contains("brought \(changed.count) bytes of SHA-256") == true && sentence?.contains(digest) == true)
    #expect(!exists(cached()) && !exists(cached("a.fbin.part")))
  }

  @Test func brokenFetchGoesOnWhereItStopped() throws {
    let server = try LoopbackServer(ServedFile(body: body, breaksAfter: 10_000))
    let loader = try loader([server.url("a")], sha256: digest)
    #expect(failure { _ = try load(loader) }?.contains("no source gave a.fbin") == true)
    #expect(!exists(cached()) && exists(cached("a.fbin.part")))
    server.become(ServedFile(body: body))
    #expect(try load(loader).base.count == 990)
    #expect(server.requests[1].head.contains("Range: bytes=10000-\r\n"))
    #expect(server.requests[1].head.contains("If-Range: \"1\"\r\n"))
  }

  @Test func changedFileIsFetchedFromItsBeginning() throws {
    let server = try LoopbackServer(
      ServedFile(body: Array(repeating: 7, count: 20_000), etag: "\"old\"", breaksAfter: 5000))
    let loader = try loader([server.url("a")], sha256: digest)
    #expect(throws: DataError.self) { try load(loader) }
    server.become(ServedFile(body: body, etag: "\"new\""))
    #expect(try load(loader).base.count == 990)
    #expect(server.requests[1].head.contains("If-Range: \"old\"\r\n"))
  }

  @Test(arguments: [nil, "W/\"1\""])
  func fetchWithoutStrongValidatorBeginsAnew(etag: String?) throws {
    let server = try LoopbackServer(ServedFile(body: body, etag: etag, breaksAfter: 5000))
    let loader = try loader([server.url("a")], sha256: digest)
    #expect(throws: DataError.self) { try load(loader) }
    server.become(ServedFile(body: body, etag: etag))
    #expect(try load(loader).base.count == 990)
    #expect(!server.requests[1].head.contains("Range:"))
  }

  @Test func shrunkFileIsFetchedFromItsBeginning() throws {
    let server = try LoopbackServer(ServedFile(body: body + body, breaksAfter: body.count + 1))
    let loader = try loader([server.url("a")], sha256: digest)
    #expect(throws: DataError.self) { try load(loader) }
    server.become(ServedFile(body: body))
    #expect(try load(loader).base.count == 990)
    #expect(server.requests.count == 3)
  }

  @Test(arguments: [404, 403, 500, 302])
  func otherStatusIsAnError(status: Int) throws {
    let server = try LoopbackServer(ServedFile(body: Array("<html>no</html>".utf8), status: status))
    let sentence = failure { _ = try load(loader([server.url("a")], sha256: digest)) }
    #expect(sentence?.contains("HTTP status \(status)") == true, "\(sentence ?? "")")
    #expect(!exists(cached()))
  }

  @Test func nextURLIsAskedAndEveryReasonIsTold() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    #expect(try load(loader(["http://127.0.0.1:1/a", server.url("a")], sha256: digest)).base.count == 990)
    try FileManager.default.removeItem(atPath: cached())
    let sentence = failure { _ = try load(loader(["http://127.0.0.1:1/a", "file:///nowhere/a"])) }
    #expect(sentence?.contains("http://127.0.0.1:1/a: ") == true && sentence?.contains("file:///nowhere/a: ") == true)
    #expect(failure { _ = try load(loader([])) }?.contains("no source of a.fbin is known") == true)
    let package = try loader([], more: ", package: dataset-far, package_path: /nowhere/far")
    #expect(failure { _ = try load(package) }?.contains("'sudo apt-get install dataset-far' brings it") == true)
  }

  @Test(arguments: [true, false])
  func sliceIsCutOutOfALargerFile(knowsRanges: Bool) throws {
    let server = try LoopbackServer(ServedFile(body: body, knowsRanges: knowsRanges))
    let loader = try loader([server.url("a")], more: ", first_rows: 100", rows: 100)
    let set = try load(loader)
    #expect(set.base.count == 90)
    #expect(server.requests[0].head.contains("Range: bytes=0-3207\r\n"))
    #expect(try VectorFile(path: cached()).shape() == VectorShape(rows: 100, dimension: 8))
  }

  @Test func sliceOfTooSmallAFileIsRefused() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    let sentence = failure { _ = try load(loader([server.url("a")], more: ", first_rows: 1001", rows: 1001)) }
    #expect(sentence?.contains("ended after 32008 of 32040 bytes") == true, "\(sentence ?? "")")
  }

  @Test func differentShapeThanTheCatalogueIsRefused() throws {
    let loader = try loader(["file://\(folder.path)/origin.fbin"], rows: 999)
    #expect(failure { _ = try load(loader) }?.contains("holds 1000 × 8, and the catalogue says 999 × 8") == true)
  }

  @Test func zeroRowsAreLeftOutWhereTheCatalogueSaysSo() throws {
    let values: [Float] = [1, 2, 0, 0, 3, 4, 0, 0]
    let base = "\(folder.path)/zeros.fbin"
    try VectorFile.write(VectorSet(dimension: 2, values: values), to: base)
    let text = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: far, about: test, licence: none, source: none, metric: cosine, dimension: 2, drop_zero_rows: true,
           base: {file: zeros.fbin, count: 4}, queries: {file: zeros.fbin, count: 4},
           files: [{name: zeros.fbin, urls: ['file://\(base)']}]}
      """
    let loader = DatasetLoader(catalog: try Catalog(path: folder.file("catalog.yml", text)), library: library)
    #expect(try load(loader).base.values == [1, 2, 3, 4])
    #expect(try loader.load(DatasetRequest(name: "far", maxBase: 2)).base.values == [1, 2, 3, 4])
  }

  @Test func damagedLockFileIsNamed() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/cache", withIntermediateDirectories: true)
    _ = try folder.file("cache/datasets.lock", "{")
    let loader = try loader(["file://\(folder.path)/origin.fbin"])
    #expect(failure { _ = try load(loader) }?.contains("datasets.lock: byte 0: is no lock file") == true)
  }

  @Test func unwritableCacheIsNamed() throws {
    _ = try folder.file("cache", "a file where the folder should be")
    let loader = try loader(["file://\(folder.path)/origin.fbin"])
    #expect(failure { _ = try load(loader) }?.contains("the folder cannot be made") == true)
  }
}
