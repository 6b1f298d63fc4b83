import Glibc
import Kernels

/// Contiguous elements of a fixed layout, page-aligned: owned memory that grows in place, or a section of a mapped file
/// until something is written.
///
/// Growth by an eighth moves page tables, not bytes, and pages that were never touched take no memory.
package final class GrowableBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  // Indexes write under their write lock and read under their read lock.
  package private(set) var base: UnsafeMutablePointer<Element>
  package private(set) var count = 0
  private var regionBytes = 0
  private var file: IndexFile?

  package init() {
    base = Self.nowhere
  }

  /// Reads from the file until the first change.
  package init(_ section: FileSection<Element>) {
    base = UnsafeMutablePointer(mutating: section.elements.baseAddress!)
    count = section.elements.count
    file = section.owner
  }

  deinit { release() }

  /// Bytes held, touched or not.
  package var bytes: Int { file == nil ? regionBytes : count * MemoryLayout<Element>.stride }

  package var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

  package subscript(index: Int) -> Element {
    @inline(__always) get { base[index] }
    @inline(__always) set { base[index] = newValue }
  }

  /// Makes room for `newCount` elements, the new ones zero; afterwards the elements may be written.
  ///
  /// - Throws: `invalidArgument` when the system has no memory for it; nothing changes then.
  /// - Complexity: amortised O(new elements).
  package func resize(to newCount: Int) throws(VectorIndexError) {
    let stride = MemoryLayout<Element>.stride
    let needed = newCount * stride
    if file != nil || needed > regionBytes {
      let wanted = max(needed, file == nil ? regionBytes + regionBytes / 8 : 0)
      try reserve(Self.wholePages(wanted))
    }
    if newCount < count {
      memset(base + newCount, 0, (count - newCount) * stride)
    }
    count = newCount
  }

  /// Gives back all memory.
  package func removeAll() {
    release()
    base = Self.nowhere
    count = 0
    regionBytes = 0
    file = nil
  }

  /// Gives back the memory behind the last element.
  package func trim() {
    let wanted = Self.wholePages(count * MemoryLayout<Element>.stride)
    guard file == nil, wanted < regionBytes else { return }
    MemoryRegion.unmap(UnsafeMutableRawPointer(base) + wanted, bytes: regionBytes - wanted)
    regionBytes = wanted
  }

  private func reserve(_ bytes: Int) throws(VectorIndexError) {
    let region =
      file == nil && regionBytes > 0
      ? MemoryRegion.grow(base, from: regionBytes, to: bytes) : MemoryRegion.map(bytes: bytes)
    guard let region else {
      throw .invalidArgument(
        "no memory for \(bytes) bytes (\(IndexFile.systemReason())); index fewer vectors at a time")
    }
    if file != nil { memcpy(region, base, count * MemoryLayout<Element>.stride) }
    file = nil
    regionBytes = bytes
    base = region.assumingMemoryBound(to: Element.self)
  }

  private func release() {
    if file == nil, regionBytes > 0 { MemoryRegion.unmap(base, bytes: regionBytes) }
  }

  /// At least one page.
  private static func wholePages(_ bytes: Int) -> Int {
    max(1, (bytes + MemoryRegion.pageBytes - 1) / MemoryRegion.pageBytes) * MemoryRegion.pageBytes
  }

  /// A valid address for pointers to no elements.
  private static var nowhere: UnsafeMutablePointer<Element> {
    UnsafeMutablePointer(bitPattern: 4096)!
  }
}
