/// Writes JSON by hand where lines are many and long.
public enum JSONText {
  /// A text between quotes.
  ///
  /// - Complexity: O(bytes), and no memory of its own: servers write a text a token.
  public static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      var start = 0
      for (place, byte) in bytes.enumerated()
      where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        output += bytes[start..<place]
        appendEscaped(byte, to: &output)
        start = place + 1
      }
      output += bytes[start...]
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    default:
      let digits = String(byte, radix: 16)
      output += "u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
    }
  }

  /// A whole number.
  public static func append(_ number: Int, to output: inout [UInt8]) {
    var rest = number.magnitude
    var digits: UInt = 1
    while rest / digits >= 10 { digits *= 10 }
    if number < 0 { output.append(UInt8(ascii: "-")) }
    while digits > 0 {
      output.append(UInt8(ascii: "0") + UInt8(rest / digits))
      rest %= digits
      digits /= 10
    }
  }

  /// A list of numbers; the shortest digits that read back as the same.
  public static func append<Number: Numeric & LosslessStringConvertible>(
    _ numbers: some Sequence<Number>, to output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "["))
    var isFirst = true
    for number in numbers {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      output += String(number).utf8
    }
    output.append(UInt8(ascii: "]"))
  }
}
