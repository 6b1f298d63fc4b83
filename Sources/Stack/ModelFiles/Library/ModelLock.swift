internal import Files
internal import Foundation

/// Which files were fetched and compared with their checksums, so that it need not be done at every use.
///
/// Lies as `models.lock` in the cache folder: JSON, `{"schema": "ragmeter.models.lock/1", "files": {"NAME/FILE": …}}`.
struct ModelLock: Codable, Equatable {
  struct Entry: Codable, Equatable {
    var sha256: String
    var stamp: FileStamp
    /// Where the bytes came from.
    var origin: String
  }

  private static let schema = "ragmeter.models.lock/1"

  private var schema = ModelLock.schema
  var files: [String: Entry] = [:]

  /// What is recorded so far; nothing where there is no file yet.
  ///
  /// - Throws: `DataError.corrupt` if the file is no lock file.
  init(path: String) throws {
    guard Folder.isReadable(path) else { return }
    let text = try FileBytes(path: path).text
    guard let read = try? JSONDecoder().decode(ModelLock.self, from: Data(text.utf8)), read.schema == ModelLock.schema
    else {
      throw DataError.corrupt(
        path: path, at: "byte 0", reason: "is no lock file of this version; remove it to record checksums anew")
    }
    self = read
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = try AtomicFile(path: path)
    try encoder.encode(self).withUnsafeBytes { try file.write($0) }
    try file.write("\n")
    try file.commit()
  }
}

/// Size and time of a file: a file that keeps both is taken for unchanged.
struct FileStamp: Codable, Equatable {
  var bytes: Int
  /// Nanoseconds since 1970.
  var modified: Int

  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    bytes = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }
}
