/// Contiguous reservations, as systems before paging made them.
///
/// First fit: the paper assumes a buddy allocator for Orca (section 6.1), which rounds every range up to a power of two;
/// first fit wastes no more than what lies between ranges.
extension BlockPool {
  /// The first blocks in a row that are free, each with one reference from now on; nil if there is no such row, although
  /// so many blocks may be free.
  ///
  /// - Complexity: O(`blockCount`).
  mutating func allocateRange(_ count: Int) -> Range<Int32>? {
    guard count <= freeCount else { return nil }
    var start = 0
    for block in 0..<blockCount {
      if references[block] != 0 {
        start = block + 1
      } else if block + 1 - start == count {
        let range = Int32(start)..<Int32(start + count)
        for block in range { take(block) }
        return range
      }
    }
    return nil
  }
}
