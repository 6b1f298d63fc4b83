import CKernels
import Glibc

/// Zero-filled memory of whole pages, straight from the operating system.
package enum MemoryRegion {
  package static let pageBytes = 4096

  /// nil with `errno` set when the system has none.
  package static func map(bytes: Int) -> UnsafeMutableRawPointer? {
    let region = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return advise(region, bytes)
  }

  /// Moves page tables, not bytes; nil with `errno` set when the system has no more, and then nothing has changed.
  package static func grow(_ region: UnsafeMutableRawPointer, from oldBytes: Int, to bytes: Int)
    -> UnsafeMutableRawPointer?
  {
    advise(ck_remap(region, oldBytes, bytes), bytes)
  }

  package static func unmap(_ region: UnsafeMutableRawPointer, bytes: Int) {
    munmap(region, bytes)
  }

  /// Large regions are read at random: huge pages save page walks.
  private static func advise(_ region: UnsafeMutableRawPointer?, _ bytes: Int) -> UnsafeMutableRawPointer? {
    guard let region, region != MAP_FAILED else { return nil }
    if bytes >= 8 << 20 { madvise(region, bytes, Int32(MADV_HUGEPAGE)) }
    return region
  }
}
