internal import Files
import Glibc

/// A download in the making: its bytes so far, and what tells whether the source still has the same ones.
///
/// Lies beside the file as `FILE.part` and `FILE.part.from`, two lines: the URL, and the validator (an ETag or a date).
package final class PartialFile {
  package let path: String
  private let note: String
  private let descriptor: Int32
  package private(set) var count: Int

  package init(for destination: String) throws {
    path = "\(destination).part"
    note = "\(path).from"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    count = 0
    guard descriptor >= 0 else { throw failure("cannot be written") }
    count = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// What `If-Range` needs to go on with this URL; `nil` where the bytes so far are of no use.
  package func validator(for url: String) -> String? {
    guard count > 0, let text = try? FileBytes(path: note).text else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0] == url, !lines[1].isEmpty else { return nil }
    return String(lines[1])
  }

  /// Throws away what is there and notes where the bytes to come are from.
  package func restart(url: String, validator: String?) throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure("cannot be emptied") }
    count = 0
    let file = try AtomicFile(path: note)
    try file.write("\(url)\n\(validator ?? "")\n")
    try file.commit()
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, piece.baseAddress, piece.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw failure("cannot be written")
      }
      count += written
      rest = rest.dropFirst(written)
    }
  }

  package func overwrite(_ bytes: [UInt8], at offset: Int) throws {
    guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
      throw failure("cannot be written")
    }
  }

  /// Puts the finished file in place.
  package func commit(to destination: String) throws {
    guard fsync(descriptor) == 0 else { throw failure("cannot be synchronised") }
    guard rename(path, destination) == 0 else { throw failure("cannot be put in place") }
    unlink(note)
  }

  package func discard() {
    unlink(path)
    unlink(note)
  }

  private func failure(_ what: String) -> DataError {
    .unavailable(name: path, reason: "\(what): \(String(cString: strerror(errno)))")
  }
}
