import Files
import Glibc

/// From stored components to float32.
extension RowLayout {
  func read(_ file: FileBytes, limit: Int?) throws -> VectorSet {
    let rows = min(self.rows, limit ?? self.rows)
    let values =
      switch element {
      case .float32: try rawFloats(file, rows: rows)
      case .uint8: try decode(file, rows: rows, as: UInt8.self) { Float($0) }
      case .int8: try decode(file, rows: rows, as: Int8.self) { Float($0) }
      case .float16: try decode(file, rows: rows, as: UInt16.self) { Float(Float16(bitPattern: $0)) }
      case .float64: try decode(file, rows: rows, as: Double.self) { Float($0) }
      case .int32: try decode(file, rows: rows, as: Int32.self) { Float(exactly: $0) ?? .nan }
      case .int64: try decode(file, rows: rows, as: Int64.self) { Float(exactly: $0) ?? .nan }
      }
    if let bad = NonFinite.first(in: values) {
      let row = bad / dimension
      let offset = start + row * stride + bad % dimension * element.size
      throw file.corrupt(at: offset, "row \(row), component \(bad % dimension): \(explain(values[bad]))")
    }
    return try VectorSet(dimension: dimension, values: values)
  }

  private func explain(_ value: Float) -> String {
    switch element {
    case .int32, .int64: "is an integer that float32 cannot hold exactly"
    case .float64: "is \(value) as float32; vectors must be finite"
    default: "is \(value); vectors must be finite"
    }
  }

  private func rawFloats(_ file: FileBytes, rows: Int) throws -> [Float] {
    Array(unsafeUninitializedCapacity: rows * dimension) { buffer, count in
      let target = UnsafeMutableRawPointer(buffer.baseAddress!)
      let source = file.bytes.baseAddress! + start
      let width = dimension * 4
      if stride == width {
        memcpy(target, source, rows * width)
      } else {
        for row in 0..<rows { memcpy(target + row * width, source + row * stride, width) }
      }
      count = rows * dimension
    }
  }

  @inline(__always)
  private func decode<Stored: BitwiseCopyable>(
    _ file: FileBytes, rows: Int, as type: Stored.Type, _ convert: (Stored) -> Float
  ) throws -> [Float] {
    Array(unsafeUninitializedCapacity: rows * dimension) { buffer, count in
      for row in 0..<rows {
        let source = file.bytes.baseAddress! + start + row * stride
        let target = buffer.baseAddress! + row * dimension
        for column in 0..<dimension {
          target[column] = convert(
            source.loadUnaligned(fromByteOffset: column * MemoryLayout<Stored>.stride, as: type))
        }
      }
      count = rows * dimension
    }
  }
}

/// The search for NaN and infinity.
enum NonFinite {
  /// Index of the first value that is NaN or infinite.
  static func first(in values: [Float]) -> Int? {
    values.withUnsafeBufferPointer { buffer in
      var begin = 0
      while begin < buffer.count {
        let end = min(begin + 4096, buffer.count)
        // Integers, because only their reductions are vectorised; an exponent of all ones is NaN or infinity (IEEE 754).
        var found: UInt32 = 0
        for index in begin..<end { found |= buffer[index].bitPattern & 0x7f80_0000 == 0x7f80_0000 ? 1 : 0 }
        if found != 0 { return (begin..<end).first { !buffer[$0].isFinite } }
        begin = end
      }
      return nil
    }
  }
}
