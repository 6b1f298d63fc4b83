import Kernels

/// Inputs of one random comparison of an implementation with the scalar one. Buffers start off alignment by a few
/// elements and end where the last row ends, so that the address sanitizer sees a read beyond them.
struct KernelCase {
  let d: Int
  let stride: Int
  let n: Int
  let rows: Int
  let shift: Int
  var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    let d =
      switch seed % 4 {
      case 0: Int.random(in: 0...20, using: &random)
      case 1: [64, 128, 384, 768].randomElement(using: &random) ?? 64
      default: Int.random(in: 0...1_100, using: &random)
      }
    self.d = d
    stride = d + Int.random(in: 0...9, using: &random)
    n =
      [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 31, 32, 33, 50].randomElement(using: &random) ?? 0
    rows = Int.random(in: 1...40, using: &random)
    shift = Int.random(in: 0...5, using: &random)
  }

  mutating func ids() -> [Int32] { random.integers(n, in: 0...Int32(rows - 1)) }

  /// `count` values beginning `shift` elements into an array of exactly that size.
  func offset<T, R>(_ values: [T], _ body: (UnsafePointer<T>) -> R) -> R {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: values.count + shift)
    defer { memory.deallocate() }
    (memory + shift).initialize(from: values, count: values.count)
    return body(UnsafePointer(memory + shift))
  }
}

/// Whether two sums of the given absolute terms agree: both may be off by a few units in the last place of each term.
func agree(_ a: Float, _ b: Float, magnitude: Float) -> Bool { abs(a - b) <= 4e-6 * magnitude + 1e-30 }
