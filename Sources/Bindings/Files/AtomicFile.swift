import Glibc
import Synchronization

/// A file that appears under its name whole or not at all: written beside it, synchronised, then renamed.
package final class AtomicFile {
  /// Tells apart what one process writes at once.
  private static let made = Atomic(0)

  private let path: String
  private let temporary: String
  private var descriptor: Int32

  /// - Throws: `DataError.unavailable` if the folder cannot be written.
  package init(path: String) throws {
    self.path = path
    let number = AtomicFile.made.wrappingAdd(1, ordering: .relaxed).newValue
    temporary = "\(path).\(getpid())-\(number).tmp"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be written") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw failure("cannot be written")
      }
      rest = rest.dropFirst(written)
    }
  }

  package func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Makes the file appear; what was under its name before is replaced.
  package func commit() throws {
    guard fsync(descriptor) == 0 else { throw failure("cannot be synchronised") }
    guard rename(temporary, path) == 0 else { throw failure("cannot be put in place") }
    close(descriptor)
    descriptor = -1
  }

  private func failure(_ what: String) -> DataError {
    .unavailable(name: path, reason: "\(what): \(String(cString: strerror(errno)))")
  }
}
