internal import Files

/// Bytes read as text, and what had to be mended for it.
struct DecodedText {
  var text: String
  /// Sequences that are none of the encoding and became U+FFFD.
  var repairs: Int

  /// The encoding is what a byte order mark says, else `charset`, else UTF-8; the mark is no part of the text.
  ///
  /// - Parameter charset: a label as HTTP and HTML write it: "iso-8859-1", "shift_jis", ….
  /// - Throws: `DataError.invalid` for a label that nobody knows.
  /// - Complexity: O(bytes).
  init(_ bytes: UnsafeRawBufferPointer, charset: String? = nil) throws {
    if let mark = ByteOrderMark(bytes) {
      let content = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(mark.count))
      switch mark {
      case .utf8: self.init(utf8: content)
      case .utf16LittleEndian: try self.init(content, converting: "UTF-16LE")
      case .utf16BigEndian: try self.init(content, converting: "UTF-16BE")
      }
    } else if let charset, !Self.isUTF8(charset) {
      // Pages that say Latin-1 or ASCII mean Windows' superset of it (WHATWG Encoding Standard, section 4.2).
      let means1252 = ["iso-8859-1", "iso8859-1", "latin1", "l1", "us-ascii", "ascii"].contains(charset.lowercased())
      try self.init(bytes, converting: means1252 ? "CP1252" : charset)
    } else {
      self.init(utf8: bytes)
    }
  }

  /// UTF-8 without a mark. What is broken is mended by maximal subparts (Unicode 15, section 3.9, "U+FFFD Substitution").
  init(utf8 bytes: UnsafeRawBufferPointer) {
    let units = bytes.assumingMemoryBound(to: UInt8.self)
    if let valid = String(validating: units, as: UTF8.self) {
      self.init(text: valid, repairs: 0)
    } else {
      let mended = String(decoding: units, as: UTF8.self)
      self.init(text: mended, repairs: Self.replacements(in: mended.utf8) - Self.replacements(in: units))
    }
  }

  private init(text: String, repairs: Int) {
    self.text = text
    self.repairs = repairs
  }

  private init(_ bytes: UnsafeRawBufferPointer, converting charset: String) throws {
    let converted = try CharacterConversion(from: charset).utf8(bytes)
    self.init(text: String(decoding: converted.bytes, as: UTF8.self), repairs: converted.repairs)
  }

  private static func isUTF8(_ label: String) -> Bool { ["utf-8", "utf8"].contains(label.lowercased()) }

  /// How often U+FFFD stands in UTF-8.
  private static func replacements(in bytes: some Sequence<UInt8>) -> Int {
    var (count, before, last): (Int, UInt8, UInt8) = (0, 0, 0)
    for byte in bytes {
      if byte == 0xBD, last == 0xBF, before == 0xEF { count += 1 }
      (before, last) = (last, byte)
    }
    return count
  }
}

/// What the first bytes of a text may say about its encoding.
enum ByteOrderMark {
  case utf8, utf16LittleEndian, utf16BigEndian

  init?(_ bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      self = .utf8
    } else if bytes.starts(with: [0xFF, 0xFE]) {
      self = .utf16LittleEndian
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      self = .utf16BigEndian
    } else {
      return nil
    }
  }

  /// Bytes of the mark.
  var count: Int { self == .utf8 ? 3 : 2 }
}
