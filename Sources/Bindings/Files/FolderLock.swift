import Glibc

/// Holds a folder against other processes that take the same lock, until it is released.
package final class FolderLock {
  private let descriptor: Int32

  /// Waits while another process holds the folder.
  ///
  /// - Throws: `DataError.unavailable` if the folder cannot be written.
  package init(folder: String) throws {
    let path = "\(folder)/.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw DataError.unavailable(name: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
    }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  deinit { close(descriptor) }
}
