/// Writes small GGUF files after ggml's docs/gguf.md.
struct GGUFWriter {
  var bytes: [UInt8] = []

  mutating func put<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  mutating func put(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func key(_ name: String, _ text: String) {
    put(name)
    put(UInt32(8))
    put(text)
  }

  mutating func key(_ name: String, _ number: UInt32) {
    put(name)
    put(UInt32(4))
    put(number)
  }

  mutating func key(_ name: String, _ number: Float) {
    put(name)
    put(UInt32(6))
    put(number.bitPattern)
  }

  mutating func key(_ name: String, texts: [String]) {
    put(name)
    put(UInt32(9))
    put(UInt32(8))
    put(UInt64(texts.count))
    for text in texts { put(text) }
  }

  mutating func key(_ name: String, numbers: [Int32]) {
    put(name)
    put(UInt32(9))
    put(UInt32(5))
    put(UInt64(numbers.count))
    for number in numbers { put(number) }
  }

  mutating func tensor(_ name: String, _ shape: [UInt64], type: UInt32, offset: UInt64) {
    put(name)
    put(UInt32(shape.count))
    for size in shape { put(size) }
    put(type)
    put(offset)
  }

  /// Zeros up to the next multiple of `alignment`.
  mutating func align(_ alignment: Int = 32) {
    bytes += [UInt8](repeating: 0, count: (bytes.count + alignment - 1) / alignment * alignment - bytes.count)
  }

  static func header(version: UInt32 = 3, tensors: UInt64, keys: UInt64) -> GGUFWriter {
    var writer = GGUFWriter()
    writer.put(UInt32(0x4655_4747))
    writer.put(version)
    writer.put(tensors)
    writer.put(keys)
    return writer
  }
}
