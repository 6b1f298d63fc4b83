import CHDF5
import Files
import Synchronization

/// Owns one identifier of libhdf5 and closes it.
final class HDF5Handle {
  private let id: hid_t
  private let close: (hid_t) -> herr_t

  /// - Throws: what `failure` makes if `id` says that the library could not.
  init(_ id: hid_t, close: @escaping (hid_t) -> herr_t, orThrow failure: @autoclosure () -> DataError) throws {
    guard id >= 0 else { throw failure() }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }

  /// Lends the identifier; it is not closed before `body` returns.
  func use<Result>(_ body: (hid_t) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(id) }
  }

  /// Debian's libhdf5 is not thread-safe; every use of the library holds this.
  static let library = Mutex(())
}
