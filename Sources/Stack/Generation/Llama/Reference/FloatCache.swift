internal import Glibc
internal import Kernels
internal import ModelFiles

/// Keys and values in float32: for each layer `[block][place][head][dimension]`. Memory is the system's until it is written.
final class FloatCache {
  let blockCount: Int
  let blockSize: Int
  /// Floats of one token in one layer.
  let width: Int
  private let layers: Int
  private let bytes: Int
  private let region: UnsafeMutablePointer<Float>

  /// - Throws: `GenerationError` if the sizes are no sizes, or the system has no such memory.
  init(_ configuration: LlamaConfiguration, blockCount: Int, blockSize: Int) throws {
    guard blockCount > 0, blockSize > 0, blockCount <= Int(Int32.max), blockSize <= 1 << 20 else {
      throw GenerationError(
        "a KV cache of \(blockCount) blocks of \(blockSize) tokens cannot be; give it at least one of each")
    }
    width = configuration.keyValueHeads * configuration.headDimension
    let block = ReferenceExecutor.bytesPerBlock(configuration, blockSize: blockSize)
    let (bytes, overflow) = block.multipliedReportingOverflow(by: blockCount)
    guard !overflow, let region = MemoryRegion.map(bytes: bytes) else {
      throw GenerationError(
        "there is no memory for a KV cache of \(blockCount) blocks of \(block) bytes; ask for fewer")
    }
    self.blockCount = blockCount
    self.blockSize = blockSize
    self.bytes = bytes
    layers = configuration.layers
    self.region = region.assumingMemoryBound(to: Float.self)
  }

  deinit { MemoryRegion.unmap(region, bytes: bytes) }

  func keys(layer: Int, block: Int32, place: Int) -> UnsafeMutablePointer<Float> {
    region + (((2 * layer) * blockCount + Int(block)) * blockSize + place) * width
  }

  func values(layer: Int, block: Int32, place: Int) -> UnsafeMutablePointer<Float> {
    region + (((2 * layer + 1) * blockCount + Int(block)) * blockSize + place) * width
  }

  func copy(from: Int, to: Int) {
    guard from != to else { return }
    for half in 0..<2 * layers {
      let start = region + half * blockCount * blockSize * width
      (start + to * blockSize * width).update(from: start + from * blockSize * width, count: blockSize * width)
    }
  }
}
