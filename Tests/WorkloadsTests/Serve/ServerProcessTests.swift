import Foundation
import Testing
import Workloads

/// Servers that are shell scripts: no test of how they are started needs one that serves.
@Suite struct ServerProcessTests {
  private func start(_ script: String, folder: TemporaryFolder) throws -> ServerProcess {
    try ServerProcess(
      name: "toy", command: ["/bin/sh", "-c", script], environment: ProcessInfo.processInfo.environment,
      folder: folder.path)
  }

  @Test func itIsAskedToEndAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let marks = folder.path + "/marks"
    let process = try start(
      "trap 'echo ended >> \(marks); exit 0' TERM; echo begun > \(marks); echo on http://127.0.0.1:4321, with love; "
        + "while :; do sleep 0.02; done", folder: folder)
    #expect(try process.announcedURL(within: 30) == "http://127.0.0.1:4321")
    #expect(process.failure == nil)
    process.close()
    #expect(try String(contentsOfFile: marks, encoding: .utf8) == "begun\nended\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["marks"])
  }

  @Test func oneThatEndsSaysWhy() throws {
    let folder = try TemporaryFolder()
    let process = try start("echo first; echo cannot find the weights >&2; exit 3", folder: folder)
    #expect(throws: EngineError("toy ended with exit code 3; its log ends: first | cannot find the weights")) {
      try process.announcedURL(within: 30)
    }
    #expect(process.failure == "toy ended with exit code 3; its log ends: first | cannot find the weights")
  }

  @Test func oneThatNeverAnswersIsGivenUp() throws {
    let folder = try TemporaryFolder()
    let process = try start("echo thinking; sleep 60", folder: folder)
    do {
      try process.waitUntilReady("http://127.0.0.1:9/health", within: 0.3)
      Issue.record("nobody answers at port 9")
    } catch let error as EngineError {
      // What it has said by then is the shell's matter.
      #expect(error.description.hasPrefix("toy gave no answer at http://127.0.0.1:9/health within 300ms"))
    }
    process.close()
  }

  @Test func aMissingProgramIsNamed() throws {
    let folder = try TemporaryFolder()
    let process = try ServerProcess(
      name: "toy", command: ["/nonexistent/server"], environment: [:], folder: folder.path)
    do {
      _ = try process.announcedURL(within: 30)
      Issue.record("there is no such program")
    } catch let error as EngineError {
      #expect(error.description.contains("exit code 127"))
      #expect(error.description.contains("/nonexistent/server"))
    }
  }
}
