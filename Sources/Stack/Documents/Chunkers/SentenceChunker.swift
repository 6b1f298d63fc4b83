/// Gathers whole sentences up to the size, sharing whole sentences up to the overlap. A sentence longer than the size
/// stays whole.
///
/// A sentence ends after `.`, `!`, `?` or `…` (with closing quotes and brackets) before white space, unless a lower-case
/// letter follows or the dot belongs to an abbreviation or an initial; after `。`, `！` and `？` anywhere; and at a blank
/// line. Decimal points have no white space behind them and end nothing.
public struct SentenceChunker: Chunker {
  public static let kind = "sentence"

  public let length: ChunkLength

  public init(length: ChunkLength) { self.length = length }

  public func chunks(of text: String) -> [Chunk] {
    text.withTextBytes { bytes in
      var merger = PieceMerger(bytes: bytes, size: length.size, overlap: length.overlap)
      var start = 0
      while start < bytes.count {
        let end = Self.sentenceEnd(bytes, from: start)
        merger.add(start..<end, length: bytes.scalarCount(start..<end))
        start = end
      }
      merger.flush()
      return merger.output.map { bytes.chunk($0) }
    }
  }

  /// Words before whose dot no sentence ends, lower-cased.
  private static let abbreviations: Set<String> = [
    "al", "approx", "cf", "co", "corp", "dept", "dr", "e.g", "ed", "eq", "est", "etc", "fig", "i.e", "inc", "jr", "ltd",
    "mr", "mrs", "ms", "no", "nos", "p", "pp", "prof", "ref", "sec", "sr", "st", "vol", "vs",
  ]

  /// The offset behind the sentence that starts at `start`, its trailing white space included.
  private static func sentenceEnd(_ bytes: TextBytes, from start: Int) -> Int {
    var offset = start
    while offset < bytes.count {
      let width = bytes.scalarWidth(at: offset)
      let after = offset + width
      switch terminator(bytes, at: offset) {
      case .full:
        return skipWhiteSpace(bytes, from: skipClosers(bytes, from: after))
      case .mark:
        let closed = skipClosers(bytes, from: after)
        let next = skipWhiteSpace(bytes, from: closed)
        if next == bytes.count { return next }
        if next > closed, !isLowercase(bytes[next]),
          bytes[offset] != UInt8(ascii: ".") || !isAbbreviation(bytes, dot: offset, from: start)
        {
          return next
        }
      case .newline:
        var next = after
        while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 || bytes[next] == 0x0D { next += 1 }
        if next < bytes.count, bytes[next] == 0x0A { return skipWhiteSpace(bytes, from: next) }
      case .none:
        break
      }
      offset = after
    }
    return bytes.count
  }

  private enum Terminator { case full, mark, newline, none }

  private static func terminator(_ bytes: TextBytes, at offset: Int) -> Terminator {
    switch bytes[offset] {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): return .mark
    case 0x0A: return .newline
    case 0xE2: return bytes[offset + 1] == 0x80 && bytes[offset + 2] == 0xA6 ? .mark : .none
    case 0xE3: return bytes[offset + 1] == 0x80 && bytes[offset + 2] == 0x82 ? .full : .none
    case 0xEF:
      let isMark = bytes[offset + 1] == 0xBC && (bytes[offset + 2] == 0x81 || bytes[offset + 2] == 0x9F)
      return isMark ? .full : .none
    default: return .none
    }
  }

  /// Behind quotes and brackets that close what the mark ended: " ' ) ] ’ ” 」 』 ）.
  private static func skipClosers(_ bytes: TextBytes, from start: Int) -> Int {
    var offset = start
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"): offset += 1
      case 0xE2 where bytes[offset + 1] == 0x80 && (bytes[offset + 2] == 0x99 || bytes[offset + 2] == 0x9D): offset += 3
      case 0xE3 where bytes[offset + 1] == 0x80 && (bytes[offset + 2] == 0x8D || bytes[offset + 2] == 0x8F): offset += 3
      case 0xEF where bytes[offset + 1] == 0xBC && bytes[offset + 2] == 0x89: offset += 3
      default: return offset
      }
    }
    return offset
  }

  private static func skipWhiteSpace(_ bytes: TextBytes, from start: Int) -> Int {
    var offset = start
    while offset < bytes.count, bytes[offset] == 0x20 || 0x09...0x0D ~= bytes[offset] { offset += 1 }
    return offset
  }

  private static func isLowercase(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }

  private static func isAbbreviation(_ bytes: TextBytes, dot: Int, from start: Int) -> Bool {
    var first = dot
    while first > start, dot - first < 8, bytes[first - 1] > 0x20, bytes[first - 1] != UInt8(ascii: "(") { first -= 1 }
    let word = bytes.chunk(first..<dot).text
    let isInitial = word.utf8.count == 1 && word.utf8.first.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 } == true
    return isInitial || abbreviations.contains(word.lowercased())
  }
}
