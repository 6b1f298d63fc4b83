/// GPT-2's tokenizer (Radford et al. 2019): cut into words, then merge bytes by rank; as Llama 3 and SmolLM use it.
public struct ByteLevelBPETokenizer: Tokenizer {
  public let vocabularySize: Int
  public let splitter: WordSplitter
  let special: SpecialTokens
  private let merges: MergeTable
  private let byteIDs: [Int32]
  /// Whole words of the vocabulary, where a word that is one is not merged (`ignore_merges`).
  private let words: PieceTable?
  /// The bytes of each id.
  private let pieces: [[UInt8]]
  private let beginning: Int32?

  /// - Parameters:
  ///   - tokens: the vocabulary by id, written in GPT-2's byte alphabet; special tokens as they are.
  ///   - merges: pairs in the order of their rank, written likewise.
  ///   - specialTokens: ids that a text may spell out.
  ///   - beginning: what `encode` puts before a text when asked for special tokens.
  ///   - takesWholeWords: whether a word that is in the vocabulary needs no merging, as for Llama 3.
  ///
  /// A byte that has no token is left out, as Hugging Face does (SmolLM's vocabulary lacks some control characters).
  /// - Throws: `TokenizerError` if the vocabulary is not a byte-level one or a merge names a token that is not there.
  public init(
    tokens: [String], merges: [(left: String, right: String)], specialTokens: [Int32], splitter: WordSplitter,
    beginning: Int32? = nil, takesWholeWords: Bool = false
  ) throws {
    let isSpecial = Set(specialTokens)
    var ids: [String: Int32] = [:]
    var pieces: [[UInt8]] = []
    var words = PieceTable(capacity: tokens.count)
    for (id, token) in tokens.enumerated() {
      ids[token] = Int32(id)
      let bytes = isSpecial.contains(Int32(id)) ? nil : ByteAlphabet.decode(token)
      pieces.append(bytes ?? Array(token.utf8))
      if let bytes { words.add(bytes, id: Int32(id)) }
    }
    let byteIDs = ByteAlphabet.scalars.map { ids[String($0)] ?? -1 }
    guard ByteAlphabet.printable.allSatisfy({ byteIDs[Int($0)] >= 0 }) else {
      throw TokenizerError("the vocabulary lacks printable ASCII characters; it is not a byte-level one")
    }
    self.byteIDs = byteIDs
    var table = MergeTable(capacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      guard let left = ids[merge.left], let right = ids[merge.right], let result = ids[merge.left + merge.right] else {
        throw TokenizerError(
          "merge \(rank), '\(merge.left) \(merge.right)', names a token that is not in the vocabulary")
      }
      table.add(left, right, rank: Int32(rank), result: result)
    }
    self.merges = table
    self.words = takesWholeWords ? words : nil
    self.pieces = pieces
    self.splitter = splitter
    self.beginning = beginning
    special = SpecialTokens(
      specialTokens.filter { tokens.indices.contains(Int($0)) }.map { (tokens[Int($0)], $0) })
    vocabularySize = tokens.count
  }

  public func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var output = Encoding()
    if addSpecialTokens, let beginning { output.append(beginning, 0..<0) }
    var merger = WordMerger(table: merges, byteIDs: byteIDs)
    var memory = WordMemory()
    var copy = text
    copy.withUTF8 { bytes in
      special.forEachPart(of: bytes) { range in
        splitter.forEachWord(of: bytes, in: range) { word in
          encode(word, of: bytes, merger: &merger, memory: &memory, output: &output)
        }
      } special: {
        output.append($0, $1)
      }
    }
    return output
  }

  private func encode(
    _ word: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, merger: inout WordMerger, memory: inout WordMemory,
    output: inout Encoding
  ) {
    let piece = UnsafeBufferPointer(rebasing: bytes[word])
    let hash = piece.reduce(PieceTable.hashSeed, PieceTable.extend)
    if let words, let id = words.id(hash: hash, of: piece) {
      output.append(id, word)
      return
    }
    if let known = memory.tokens(of: word, hash: hash, in: bytes) {
      for index in known.tokens {
        let range = output.ranges[index]
        let shift = word.lowerBound - known.start
        output.append(output.ids[index], range.lowerBound + shift..<range.upperBound + shift)
      }
      return
    }
    let first = output.ids.count
    merger.merge(piece) { output.append($0, word.lowerBound + $1.lowerBound..<word.lowerBound + $1.upperBound) }
    memory.remember(word, hash: hash, tokens: first..<output.ids.count)
  }

  public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    var decoder = StreamingDecoder(tokenizer: self, skipSpecialTokens: skipSpecialTokens)
    var text = ""
    for id in ids { text += decoder.append(id) }
    return text + decoder.finish()
  }

  /// Tokens that a text may spell out, the longest spelling first.
  public var specialTokens: [(id: Int32, content: String)] { special.tokens.map { ($0.id, $0.content) } }

  /// The bytes that an id stands for; none for an unknown id.
  func bytes(of id: Int32, skipSpecialTokens: Bool) -> [UInt8] {
    guard id >= 0, Int(id) < pieces.count, !(skipSpecialTokens && special.ids.contains(id)) else { return [] }
    return pieces[Int(id)]
  }
}

/// Where words of a text were met before, and which tokens they became: most words of a text come again.
private struct WordMemory {
  private var slots: [(hash: UInt64, start: Int, count: Int, tokens: Range<Int>)] = []

  func tokens(
    of word: Range<Int>, hash: UInt64, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (start: Int, tokens: Range<Int>)? {
    guard !slots.isEmpty else { return nil }
    let slot = slots[Self.place(hash)]
    guard slot.hash == hash, slot.count == word.count else { return nil }
    for index in 0..<slot.count where bytes[slot.start + index] != bytes[word.lowerBound + index] { return nil }
    return (slot.start, slot.tokens)
  }

  mutating func remember(_ word: Range<Int>, hash: UInt64, tokens: Range<Int>) {
    if slots.isEmpty { slots = Array(repeating: (0, 0, 0, 0..<0), count: 4096) }
    slots[Self.place(hash)] = (hash, word.lowerBound, word.count, tokens)
  }

  private static func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash ^ (hash >> 31)) & 4095 }
}

/// Turns ids into text as they arrive, holding back bytes that do not make a whole scalar yet.
public struct StreamingDecoder: Sendable {
  private let tokenizer: ByteLevelBPETokenizer
  private let skipSpecialTokens: Bool
  private var pending: [UInt8] = []

  public init(tokenizer: ByteLevelBPETokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
  }

  /// The text that this id completes; empty while a scalar is still in parts.
  public mutating func append(_ id: Int32) -> String {
    pending.append(contentsOf: tokenizer.bytes(of: id, skipSpecialTokens: skipSpecialTokens))
    let whole = pending.count - Self.unfinished(pending)
    let text = String(decoding: pending[..<whole], as: UTF8.self)
    pending.removeFirst(whole)
    return text
  }

  /// What is left, bytes that make no scalar as U+FFFD.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// Bytes at the end that may be the start of a scalar.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let width = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return width > back ? back : 0
    }
    return 0
  }
}
