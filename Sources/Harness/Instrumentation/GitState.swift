import Foundation

/// The commit that a working tree stands on.
public struct GitState: Sendable, Equatable, Codable {
  /// The full hash.
  public var commit: String
  /// Whether tracked files differ from it.
  public var dirty: Bool

  public init(commit: String, dirty: Bool) {
    self.commit = commit
    self.dirty = dirty
  }

  /// Asks `git` about the tree that holds `folder`.
  ///
  /// - Returns: `nil` where there is no git, no repository or no commit.
  public static func read(folder: String) -> GitState? {
    guard let commit = git(["rev-parse", "--verify", "HEAD"], folder), !commit.isEmpty,
      let changes = git(["status", "--porcelain", "--untracked-files=no"], folder)
    else { return nil }
    return GitState(commit: commit, dirty: !changes.isEmpty)
  }

  private static func git(_ words: [String], _ folder: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "--no-optional-locks", "-C", folder] + words
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
