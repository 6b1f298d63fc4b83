/// Memory on a 64-byte boundary, zero-filled, freed with its owner.
///
/// `@unchecked Sendable`: whoever shares one either only reads it, as packed weights are, or hands it from thread to thread,
/// as workspaces are.
package final class AlignedMemory: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let count: Int

  package init(bytes: Int) {
    count = bytes
    pointer = .allocate(byteCount: max(bytes, 64), alignment: 64)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  package convenience init(_ values: [Float]) {
    self.init(bytes: values.count * 4)
    values.withUnsafeBytes { if let base = $0.baseAddress { pointer.copyMemory(from: base, byteCount: $0.count) } }
  }

  deinit { pointer.deallocate() }

  package var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}
