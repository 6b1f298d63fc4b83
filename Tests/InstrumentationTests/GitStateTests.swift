import Foundation
import Instrumentation
import Testing

struct GitStateTests {
  private func git(_ words: String..., folder: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org"] + words
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test func theCommitAndWhetherTrackedFilesDiffer() throws {
    let tree = try FixtureSystem(["a.txt": "one\n"])
    #expect(GitState.read(folder: tree.root) == nil)
    try git("init", "-q", folder: tree.root)
    #expect(GitState.read(folder: tree.root) == nil, "a repository without a commit")
    try git("add", "a.txt", folder: tree.root)
    try git("commit", "-q", "-m", "one", folder: tree.root)
    let clean = try #require(GitState.read(folder: tree.root))
    #expect(clean.commit.count == 40 && !clean.dirty)
    try tree.write("b.txt", "untracked\n")
    #expect(GitState.read(folder: tree.root) == clean)
    try tree.write("a.txt", "two\n")
    #expect(GitState.read(folder: tree.root) == GitState(commit: clean.commit, dirty: true))
  }

  @Test func noFolderNoState() {
    #expect(GitState.read(folder: "/nowhere") == nil)
  }
}
