/// How a byte-level BPE cuts a text into words before it merges; a merge never crosses the border of a word.
public enum WordSplitter: String, Sendable, CaseIterable {
  /// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  case gpt2
  /// Llama 3: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|`
  /// `\s*[\r\n]+|\s+(?!\S)|\s+`
  case llama3
  /// Qwen 2: as Llama 3, with every digit on its own.
  case qwen2
  /// SmolLM: every digit on its own, then GPT-2's rule in what lies between.
  case smollm

  /// Calls `word` with the end of each word of `bytes[range]`, in order; words touch and cover the range.
  func forEachWord(of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ word: (Range<Int>) -> Void) {
    switch self {
    case .gpt2, .llama3, .qwen2:
      scan(bytes, range, word)
    case .smollm:
      var start = range.lowerBound
      var offset = start
      while offset < range.upperBound {
        let scalar = ClassifiedScalar(bytes, at: offset, end: range.upperBound)
        if scalar.kind == .number {
          scan(bytes, start..<offset, word)
          start = offset + scalar.width
          word(offset..<start)
        }
        offset += scalar.width
      }
      scan(bytes, start..<range.upperBound, word)
    }
  }

  private func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ word: (Range<Int>) -> Void) {
    let cursor = WordCursor(bytes: bytes, end: range.upperBound)
    var start = range.lowerBound
    while start < range.upperBound {
      let end =
        switch self {
        case .llama3: cursor.llama3WordEnd(from: start, digits: 3)
        case .qwen2: cursor.llama3WordEnd(from: start, digits: 1)
        case .gpt2, .smollm: cursor.gpt2WordEnd(from: start)
        }
      word(start..<end)
      start = end
    }
  }
}

/// A scalar with what the rules ask of it.
struct ClassifiedScalar {
  enum Kind { case letter, number, space, other, none }

  let kind: Kind
  /// Its first byte; only ASCII ones are compared.
  let byte: UInt8
  let width: Int

  /// The scalar at `offset`; `none` with width 0 at the end.
  @inline(__always)
  init(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, end: Int) {
    guard offset < end else {
      kind = .none
      byte = 0
      width = 0
      return
    }
    byte = bytes[offset]
    if byte < 0x80 {
      width = 1
      kind = Self.ascii[Int(byte)]
    } else {
      let (scalar, length) = UTF8Scalar.decode(bytes, at: offset)
      width = length
      kind = Self.kind(of: scalar)
    }
  }

  var isNewline: Bool { byte == 0x0A || byte == 0x0D }

  private static let ascii: [Kind] = (0..<128).map { kind(of: Unicode.Scalar(UInt8($0))) }

  private static func kind(of scalar: Unicode.Scalar) -> Kind {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3041...0x3096, 0x30A1...0x30FA, 0xAC00...0xD7A3: return .letter
    default: break
    }
    let properties = scalar.properties
    if properties.isWhitespace { return .space }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }
}

/// Where the word that starts at an offset ends, by each rule.
private struct WordCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  let end: Int

  @inline(__always)
  private func scalar(at offset: Int) -> ClassifiedScalar { ClassifiedScalar(bytes, at: offset, end: end) }

  /// Behind the run of scalars of one kind that starts at `offset`.
  private func runEnd(of kind: ClassifiedScalar.Kind, from offset: Int, most: Int = .max) -> Int {
    var offset = offset
    var taken = 0
    while taken < most {
      let next = scalar(at: offset)
      guard next.kind == kind else { break }
      offset += next.width
      taken += 1
    }
    return offset
  }

  func gpt2WordEnd(from start: Int) -> Int {
    let first = scalar(at: start)
    if let contraction = contractionEnd(from: start, ignoringCase: false) { return contraction }
    let body = first.byte == 0x20 ? scalar(at: start + 1) : first
    switch body.kind {
    case .letter, .number, .other:
      return runEnd(of: body.kind, from: first.byte == 0x20 ? start + 1 : start)
    case .space, .none:
      return spaceEnd(from: start)
    }
  }

  func llama3WordEnd(from start: Int, digits: Int) -> Int {
    let first = scalar(at: start)
    if let contraction = contractionEnd(from: start, ignoringCase: true) { return contraction }
    if first.kind == .letter { return runEnd(of: .letter, from: start) }
    if first.kind == .number { return runEnd(of: .number, from: start, most: digits) }
    if !first.isNewline, scalar(at: start + first.width).kind == .letter {
      return runEnd(of: .letter, from: start + first.width)
    }
    let body = first.byte == 0x20 ? start + 1 : start
    if scalar(at: body).kind == .other {
      var offset = runEnd(of: .other, from: body)
      while scalar(at: offset).isNewline { offset += 1 }
      return offset
    }
    var offset = start
    var behindNewline: Int?
    while true {
      let next = scalar(at: offset)
      guard next.kind == .space else { break }
      offset += next.width
      if next.isNewline { behindNewline = offset }
    }
    return behindNewline ?? spaceEnd(from: start)
  }

  /// `\s+(?!\S)|\s+`: a run of white space leaves its last scalar to the word that follows, unless it is the only one.
  private func spaceEnd(from start: Int) -> Int {
    var offset = start
    var last = start
    while true {
      let next = scalar(at: offset)
      guard next.kind == .space else { break }
      last = offset
      offset += next.width
    }
    return offset == end || last == start ? offset : last
  }

  private func contractionEnd(from start: Int, ignoringCase: Bool) -> Int? {
    guard bytes[start] == UInt8(ascii: "'") else { return nil }
    func letter(_ offset: Int) -> UInt8 {
      guard offset < end else { return 0 }
      let byte = bytes[offset]
      return ignoringCase && 0x41...0x5A ~= byte ? byte | 0x20 : byte
    }
    switch (letter(start + 1), letter(start + 2)) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return start + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    // ſ folds to s.
    case (0xC5, 0xBF) where ignoringCase: return start + 3
    default: return nil
    }
  }
}
