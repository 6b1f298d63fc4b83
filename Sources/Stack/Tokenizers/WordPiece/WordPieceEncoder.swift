/// One run of a `WordPieceTokenizer` over one text.
struct WordPieceEncoder: ~Copyable {
  private let tokenizer: WordPieceTokenizer
  private(set) var output = Encoding()
  private var word = WordBuffer()
  /// Outcomes of scalars seen, in a direct-mapped table made when the first one beyond ASCII turns up.
  private var seen: [(scalar: UInt32, outcome: BERTNormalizer.Outcome)] = []

  init(tokenizer: WordPieceTokenizer) { self.tokenizer = tokenizer }

  mutating func append(_ id: Int32, _ range: Range<Int>) { output.append(id, range) }

  /// Appends the tokens of `bytes[range]`, offsets counted from the start of `bytes`.
  mutating func encode(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    let lowercase = tokenizer.normalizer.lowercase
    let cleanText = tokenizer.normalizer.cleanText
    ASCIIClass.table.withUnsafeBufferPointer { table in
      var offset = range.lowerBound
      while offset < range.upperBound {
        let byte = bytes[offset]
        let next: Int
        if byte < 0x80 {
          next = offset &+ 1
          switch table[Int(byte)] {
          case .letter:
            let isUpper = byte &- 0x41 < 26
            word.append(lowercase && isUpper ? byte | 0x20 : byte, start: offset, end: next)
          case .space: flush()
          case .punctuation:
            flush()
            word.append(byte, start: offset, end: next)
            flush()
          case .control:
            if !cleanText { word.append(byte, start: offset, end: next) }
          }
        } else {
          let (scalar, width) = UTF8Scalar.decode(bytes, at: offset)
          next = offset + width
          take(outcome(of: scalar), start: offset, end: next)
        }
        offset = next
      }
    }
    flush()
  }

  @inline(__always)
  private mutating func outcome(of scalar: Unicode.Scalar) -> BERTNormalizer.Outcome {
    if seen.isEmpty { seen = Array(repeating: (0, .dropped), count: 2048) }
    let slot = Int((scalar.value &* 0x9E37_79B1) >> 21)
    if seen[slot].scalar == scalar.value { return seen[slot].outcome }
    let outcome = tokenizer.normalizer.outcome(of: scalar)
    seen[slot] = (scalar.value, outcome)
    return outcome
  }

  @inline(__always)
  private mutating func take(_ outcome: BERTNormalizer.Outcome, start: Int, end: Int) {
    switch outcome {
    case .dropped: break
    case .space: flush()
    case .isolated(let scalar):
      flush()
      for index in 0..<scalar.count { word.append(scalar.bytes[index], start: start, end: end) }
      flush()
    case .letters(let scalar):
      for index in 0..<scalar.count { word.append(scalar.bytes[index], start: start, end: end) }
    }
  }

  /// Covers the word at hand with pieces and begins the next.
  private mutating func flush() {
    let count = word.count
    guard count > 0 else { return }
    let firstToken = output.ids.count
    var start = 0
    while start < count, word.scalars <= tokenizer.longestWord {
      guard let (id, length) = longestPiece(from: start) else { break }
      output.append(id, word.starts[start]..<word.ends[start + length - 1])
      start += length
    }
    if start < count {
      output.truncate(to: firstToken)
      output.append(tokenizer.unknown, word.starts[0]..<word.ends[count - 1])
    }
    word.clear()
  }

  /// The longest piece that the word holds at `start`.
  private func longestPiece(from start: Int) -> (id: Int32, length: Int)? {
    let table = start == 0 ? tokenizer.initial : tokenizer.continuing
    var length = min(word.count - start, table.longest)
    if start > 0 {
      // Behind the start of the word, prefixes are hashed anew; what they overwrite is not needed again.
      var hash = PieceTable.hashSeed
      for index in 0..<length {
        hash = PieceTable.extend(hash, word.bytes[start + index])
        word.hashes[index] = hash
      }
    }
    while length > 0 {
      let piece = UnsafeBufferPointer(start: UnsafePointer(word.bytes + start), count: length)
      if let id = table.id(hash: word.hashes[length - 1], of: piece) { return (id, length) }
      length -= 1
    }
    return nil
  }
}

/// What BERT makes of an ASCII byte.
enum ASCIIClass {
  case letter, space, punctuation, control

  static let table: [ASCIIClass] = (0..<128).map { value in
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20: .space
    case 0..<0x20, 0x7F: .control
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: .punctuation
    default: .letter
    }
  }
}
