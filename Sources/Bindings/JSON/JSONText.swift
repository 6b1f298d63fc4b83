/// Writes JSON by hand where lines are many and long.
public enum JSONText {
  /// A text between quotes.
  public static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
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
