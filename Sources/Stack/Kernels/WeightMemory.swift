import Synchronization

/// Where a model's packed matrices lie one behind the other, in the order in which they are packed, which is best the order in
/// which they are read: a step of one token waits for nothing but memory, and large pages save it a tenth.
package final class WeightMemory: Sendable {
  private struct State {
    /// Addresses and bytes of what the system gave.
    var regions: [(start: UInt, bytes: Int)] = []
    var next: UInt = 0
    var end: UInt = 0
  }

  private let regionBytes: Int
  private let state = Mutex(State())

  /// - Parameter regionBytes: least bytes of each region that is asked of the system; 0 asks for each matrix's by themselves.
  package init(regionBytes: Int = 64 << 20) {
    self.regionBytes = regionBytes
  }

  deinit {
    state.withLock { state in
      for region in state.regions {
        UnsafeMutableRawPointer(bitPattern: region.start).map { MemoryRegion.unmap($0, bytes: region.bytes) }
      }
    }
  }

  /// Zero-filled bytes on a 64-byte boundary, which live as long as this object.
  ///
  /// - Throws: `PackingError` if the system has no more memory.
  func take(bytes: Int) throws(PackingError) -> UnsafeMutableRawPointer {
    let address = state.withLock { state -> UInt? in
      let size = UInt((bytes + 63) / 64 * 64)
      if state.end - state.next < size {
        let page = MemoryRegion.pageBytes
        let mapped = max((Int(size) + page - 1) / page * page, regionBytes)
        guard let region = MemoryRegion.map(bytes: mapped) else { return nil }
        state.next = UInt(bitPattern: region)
        state.end = state.next + UInt(mapped)
        state.regions.append((state.next, mapped))
      }
      defer { state.next += size }
      return state.next
    }
    guard let address, let pointer = UnsafeMutableRawPointer(bitPattern: address) else {
      throw PackingError("the system has no memory for \(bytes) bytes of weights")
    }
    return pointer
  }
}
