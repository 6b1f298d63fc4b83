import Datasets
import Foundation
import Testing
import Workloads

@Suite struct AdapterEngineTests {
  private let fixture: AdapterFixture
  private let pass = SearchPassRequest(k: 2, mode: .single, threads: 1, parameters: [:])

  init() throws { fixture = try AdapterFixture() }

  @Test(arguments: ["", "loud", "dribble"])
  func wellBehavedAdapterIsRead(manner: String) throws {
    let engine = fixture.engine(manner, parameters: ["M": "16"])
    defer { engine.close() }
    let built = try engine.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    #expect(
      built
        == BuildReport(
          trainSeconds: 0, addSeconds: 1e-6, optimizeSeconds: 0, batchSeconds: [5e-7, 5e-7], indexBytes: 160,
          privateBytes: 1000))
    #expect(engine.version == "fake 0.1")
    #expect(engine.labels == ["engine": "fake", "index": "fake", "M": "16"])
    let single = try engine.search(AdapterFixture.queries, pass: pass)
    #expect(single.ids == [0, 1, 0, 1, 0, 1])
    #expect(single.latencies == [1, 1, 1])
    #expect(single.distances == 60)
    #expect(single.visited == nil)
    var batched = pass
    batched.mode = .batch(size: 2)
    #expect(try engine.search(AdapterFixture.queries, pass: batched).latencies == [1, 1])
  }

  /// What each fault must say: the sentence's beginning and what it must name.
  @Test(arguments: [
    ("banner", "adapter fake answered hello with nonsense", "hello, I am no JSON"),
    ("exit-early", "adapter fake ended with exit code 3 during hello", ""),
    ("version", "adapter fake answered hello with nonsense", "protocol 2"),
    ("hang-hello", "adapter fake gave no answer to hello within 0.2 s", ""),
    ("crash-build", "adapter fake ended with signal 11 during build", "first line | out of ideas in build"),
    ("exit-build", "adapter fake ended with exit code 7 during build", "giving up in build"),
    ("refuse-build", "adapter fake refused build", "unknown parameter colour"),
    ("half-build", "adapter fake ended with exit code 0 during build", ""),
    ("binary-build", "adapter fake answered build with nonsense", "no JSON"),
    ("wrong-id-build", "adapter fake answered build with nonsense", "99"),
    ("missing-field", "adapter fake answered build with nonsense", "train_seconds is missing"),
    ("wrong-type", "adapter fake answered build with nonsense", "add_seconds"),
    ("add-too-long", "adapter fake answered build with nonsense", "add_seconds is 1000000.0"),
    ("add-negative", "adapter fake answered build with nonsense", "add_seconds is -1.0"),
    ("batches", "adapter fake answered build with nonsense", "batch_seconds has 9 values for 2 batches"),
    ("hang-build", "adapter fake gave no answer to build within 0.2 s", ""),
    ("crash-stats", "adapter fake ended with signal 11 during stats", "out of ideas"),
  ])
  func faultyBuildIsOneSentence(fault: String, beginning: String, naming: String) throws {
    let engine = fixture.engine(fault, timeouts: Self.impatient(fault))
    defer { engine.close() }
    let error = #expect(throws: AdapterError.self) {
      try engine.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    }
    Self.check(error, beginning, naming)
  }

  @Test(arguments: [
    ("crash-search", "adapter fake ended with signal 11 during search", "out of ideas in search"),
    ("exit-search", "adapter fake ended with exit code 7 during search", "giving up"),
    ("refuse-search", "adapter fake refused search", "unknown parameter colour"),
    ("hang-search", "adapter fake gave no answer to search within 0.2 s", ""),
    ("orphan", "adapter fake gave no answer to search within 0.2 s", ""),
    ("no-file", "adapter fake answered search with nonsense", "cannot be opened"),
    ("truncated", "adapter fake answered search with nonsense", "has 135 bytes"),
    ("magic", "adapter fake answered search with nonsense", "RMRESULT"),
    ("other-k", "adapter fake answered search with nonsense", "says version 1, k 3"),
    ("id-too-large", "adapter fake answered search with nonsense", "id 20 for query 2"),
    ("id-too-small", "adapter fake answered search with nonsense", "id -2 for query 2"),
    ("latency-zero", "adapter fake answered search with nonsense", "call 1 took 0 ns"),
    ("latency-too-long", "adapter fake answered search with nonsense", "latencies add up to"),
    ("seconds-too-long", "adapter fake answered search with nonsense", "seconds is 1000000.0"),
  ])
  func faultySearchIsOneSentence(fault: String, beginning: String, naming: String) throws {
    let engine = fixture.engine(fault, timeouts: Self.impatient(fault))
    defer { engine.close() }
    _ = try engine.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    let error = #expect(throws: AdapterError.self) { try engine.search(AdapterFixture.queries, pass: pass) }
    Self.check(error, beginning, naming)
  }

  @Test func refusalLeavesTheAdapterUsableAndDeathDoesNot() throws {
    let refused = fixture.engine("refuse-search")
    defer { refused.close() }
    _ = try refused.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    for _ in 0..<2 {
      let error = #expect(throws: AdapterError.self) { try refused.search(AdapterFixture.queries, pass: pass) }
      Self.check(error, "adapter fake refused search", "")
    }
    let dead = fixture.engine("exit-search")
    defer { dead.close() }
    _ = try dead.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    for _ in 0..<2 {
      let error = #expect(throws: AdapterError.self) { try dead.search(AdapterFixture.queries, pass: pass) }
      Self.check(error, "adapter fake ended with exit code 7 during search", "")
    }
  }

  @Test func missingProgramIsNamed() {
    let engine = AdapterEngine(
      name: "absent", command: ["/nonexistent/engine"], parameters: [:], folder: fixture.folder)
    let error = #expect(throws: AdapterError.self) {
      try engine.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    }
    Self.check(error, "adapter absent cannot start: /nonexistent/engine: No such file or directory", "")
  }

  @Test func searchBeforeBuildIsRefused() {
    let engine = fixture.engine("")
    #expect(throws: AdapterError.self) { try engine.search(AdapterFixture.queries, pass: pass) }
  }

  @Test func folderIsGoneWithItsOwner() throws {
    let path: String
    do {
      let fixture = try AdapterFixture()
      path = fixture.folder.path
      let engine = fixture.engine("")
      _ = try engine.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
      _ = try engine.search(AdapterFixture.queries, pass: pass)
      let left = try FileManager.default.contentsOfDirectory(atPath: path)
      #expect(left.sorted() == ["lock", "vectors-1", "vectors-3"])
      engine.close()
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func abandonedFolderIsRemovedByTheNext() throws {
    let parent = fixture.folder.path + "/parent"
    let abandoned = parent + "/ragmeter-adapters-killed"
    try FileManager.default.createDirectory(atPath: abandoned, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: abandoned + "/lock"))
    let living = try AdapterFolder(in: parent)
    let second = try AdapterFolder(in: parent)
    #expect(!FileManager.default.fileExists(atPath: abandoned))
    #expect(FileManager.default.fileExists(atPath: living.path))
    #expect(FileManager.default.fileExists(atPath: second.path))
  }

  private static func impatient(_ fault: String) -> AdapterTimeouts {
    guard fault.hasPrefix("hang") || fault == "orphan" else { return AdapterTimeouts() }
    var timeouts = AdapterTimeouts()
    if fault == "hang-hello" { timeouts.hello = 0.2 }
    if fault == "hang-build" { timeouts.build = 0.2 }
    if fault == "hang-search" || fault == "orphan" { timeouts.search = 0.2 }
    return timeouts
  }

  private static func check(_ error: AdapterError?, _ beginning: String, _ naming: String) {
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix(beginning), "\(sentence)")
    #expect(naming.isEmpty || sentence.contains(naming), "\(sentence)")
    #expect(!sentence.contains("\n"))
  }
}
