internal import Glibc
internal import Kernels

/// Keys and values of `blockCount` blocks in bf16, for all layers and heads: memory of the system's, of which only blocks
/// that have been written are really there.
///
/// A block holds its layers one behind the other, a layer its heads, a head its units of 16 tokens (see `CPaged.h`), so that
/// a block is copied at once.
final class PagedKVCache {
  let blockCount: Int
  let layout: Layout
  let memory: UnsafeMutableRawPointer

  /// Where everything lies within a block.
  struct Layout {
    let blockSize: Int
    let unit: Int
    let headWidth: Int
    let unitBytes: Int
    let headBytes: Int
    let layerBytes: Int
    let blockBytes: Int

    init(blockSize: Int, layers: Int, heads: Int, headWidth: Int) {
      self.blockSize = blockSize
      self.headWidth = headWidth
      unit = PagedKernels.unit(blockSize: blockSize)
      unitBytes = PagedKernels.unitBytes(unit: unit, width: headWidth)
      headBytes = blockSize / unit * unitBytes
      layerBytes = heads * headBytes
      blockBytes = layers * layerBytes
    }

    /// Bytes from the start of a layer's heads in block 0 to the unit of a token that lies in `block`.
    func unitOffset(block: Int32, place: Int) -> Int { Int(block) * blockBytes + place / unit * unitBytes }
  }

  /// - Throws: `GenerationError` if the system does not have that much memory to give.
  init(blockCount: Int, layout: Layout) throws(GenerationError) {
    let (bytes, overflow) = blockCount.multipliedReportingOverflow(by: layout.blockBytes)
    guard !overflow, let memory = MemoryRegion.map(bytes: bytes) else {
      throw GenerationError(
        "the system has no room for \(blockCount) KV blocks of \(layout.blockBytes) bytes each; give fewer")
    }
    self.blockCount = blockCount
    self.layout = layout
    self.memory = memory
  }

  deinit { MemoryRegion.unmap(memory, bytes: blockCount * layout.blockBytes) }

  func copy(from source: Int32, to target: Int32) {
    memcpy(memory + Int(target) * layout.blockBytes, memory + Int(source) * layout.blockBytes, layout.blockBytes)
  }
}
