internal import Glibc

/// The C library's allocator.
enum Allocator {
  private typealias Trim = @convention(c) (Int) -> CInt

  // Declared in <malloc.h>, which Swift's module of the C library leaves out.
  private static let trim = dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: Trim.self) }

  /// Gives free pages back to the system, where the C library can.
  static func returnFreePages() { _ = trim?(0) }
}
