extension JSONText {
  /// A vector: each number in seven digits where those read back as the same, or else in nine, which always do.
  ///
  /// Vectors are most of what vector stores are sent; this takes a fraction of the time of shortest digits.
  /// - Precondition: every number is finite, for JSON has no others.
  /// - Complexity: O(count).
  package static func append(vector numbers: ArraySlice<Float>, to output: inout [UInt8]) {
    output += [UInt8](unsafeUninitializedCapacity: 2 + numbers.count * (1 + longest)) { text, count in
      var writer = VectorWriter(text: text.baseAddress!)
      writer.put(UInt8(ascii: "["))
      numbers.withUnsafeBufferPointer { numbers in
        powers.withUnsafeBufferPointer { powers in
          for index in numbers.indices {
            if index > 0 { writer.put(UInt8(ascii: ",")) }
            writer.put(numbers[index], powers.baseAddress!)
          }
        }
      }
      writer.put(UInt8(ascii: "]"))
      count = writer.count
    }
  }

  /// Bytes of the longest number: "-1.17549435e-38" and those between 1e-4 and 1e6, which take fewer.
  private static let longest = 16

  /// Exact up to 1e22.
  private static let powers: [Double] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13]
}

/// Writes where there is room for everything.
private struct VectorWriter {
  let text: UnsafeMutablePointer<UInt8>
  var count = 0

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    text[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func put(_ number: Float, _ powers: UnsafePointer<Double>) {
    let magnitude = Double(abs(number))
    // Beyond, powers of ten are not exact, or an exponent is shorter; vectors of embedders lie within.
    guard magnitude >= 1e-4, magnitude < 1e6 else {
      for byte in (number == 0 ? "0" : "\(number)").utf8 { put(byte) }
      return
    }
    if number < 0 { put(UInt8(ascii: "-")) }
    // As many places behind the point as make nine digits.
    var places = 9
    if magnitude < 1 {
      while magnitude * powers[places] < 1e8 { places &+= 1 }
    } else {
      places = 8
      while magnitude * powers[places] >= 1e9 { places &-= 1 }
    }
    var digits = UInt32(truncatingIfNeeded: Int64(magnitude * powers[places] + 0.5))
    let short = (digits &+ 50) / 100
    if Float(Double(short) / powers[places &- 2]) == Float(magnitude) { digits = short &* 100 }
    put(nineDigits: digits, places: places)
  }

  /// A number of nine digits, `places` of them behind the point (or, where they are more, zeros before them), without zeros at the
  /// end.
  @inline(__always)
  private mutating func put(nineDigits digits: UInt32, places: Int) {
    var start = count
    if places >= 9 {
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "."))
      for _ in 9..<places { put(UInt8(ascii: "0")) }
      start = count
      putNine(digits)
    } else {
      putNine(digits)
      // The point goes between digits that are there already.
      var at = count
      while at > start &+ 9 &- places {
        text[at] = text[at &- 1]
        at &-= 1
      }
      text[at] = UInt8(ascii: ".")
      count &+= 1
    }
    while text[count &- 1] == UInt8(ascii: "0") { count &-= 1 }
    if text[count &- 1] == UInt8(ascii: ".") { count &-= 1 }
  }

  @inline(__always)
  private mutating func putNine(_ digits: UInt32) {
    let (high, low) = (digits / 10_000, digits % 10_000)
    let (top, middle) = (high / 10_000, high % 10_000)
    text[count] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: top)
    putTwo(middle / 100, at: count &+ 1)
    putTwo(middle % 100, at: count &+ 3)
    putTwo(low / 100, at: count &+ 5)
    putTwo(low % 100, at: count &+ 7)
    count &+= 9
  }

  @inline(__always)
  private func putTwo(_ digits: UInt32, at place: Int) {
    text[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digits / 10)
    text[place &+ 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digits % 10)
  }
}
