/// Tells texts from everything else that lies in folders.
enum BinaryContent {
  /// Bytes that are looked at.
  private static let sample = 1 << 16

  /// Whether the bytes can be no text: a NUL where no byte order mark announces UTF-16, or more than a tenth of control
  /// characters and of bytes that are no UTF-8.
  static func isBinary(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if let mark = ByteOrderMark(bytes), mark != .utf8 { return false }
    let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(sample))
    var controls = 0
    for byte in head {
      if byte == 0 { return true }
      if byte < 0x20, !(0x07...0x0D ~= byte), byte != 0x1B { controls += 1 }
    }
    let strange = controls + DecodedText(utf8: head).repairs
    return strange * 10 > head.count && strange > 1
  }
}
