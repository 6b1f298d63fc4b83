import Files
import Foundation

/// What the first fetch of each file brought, so that a file that changes later is found out.
///
/// Lies as `datasets.lock` in the cache folder: JSON, `{"schema": "ragmeter.datasets.lock/1", "files": {"NAME/FILE": …}}`.
struct LockFile: Codable, Equatable {
  struct Entry: Codable, Equatable {
    var sha256: String
    var bytes: Int
    /// Where the bytes came from.
    var origin: String
  }

  private static let schema = "ragmeter.datasets.lock/1"

  private var schema = LockFile.schema
  var files: [String: Entry] = [:]

  /// What is recorded so far; nothing where there is no file yet.
  ///
  /// - Throws: `DataError.corrupt` if the file is no lock file.
  init(path: String) throws {
    guard Folder.isReadable(path) else { return }
    let text = try FileBytes(path: path).text
    do {
      self = try JSONDecoder().decode(LockFile.self, from: Data(text.utf8))
      guard schema == LockFile.schema else { throw CocoaError(.coderReadCorrupt) }
    } catch {
      throw DataError.corrupt(
        path: path, at: "byte 0", reason: "is no lock file of this version; remove it to record checksums anew")
    }
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(self) else {
      throw DataError.invalid("the lock file cannot be encoded")
    }
    let file = try AtomicFile(path: path)
    try text.withUnsafeBytes { try file.write($0) }
    try file.write("\n")
    try file.commit()
  }
}
