/// Cuts at paragraphs where they fit, else at lines, else at words, else anywhere: the semantics of LangChain's
/// `RecursiveCharacterTextSplitter` with its default separators, `keep_separator` at the start, and stripping.
///
/// A piece is never cut while it is shorter than the size; neighbours share up to the overlap, by whole pieces.
public struct RecursiveChunker: Chunker {
  public static let kind = "recursive"

  public let length: ChunkLength

  public init(length: ChunkLength) { self.length = length }

  public func chunks(of text: String) -> [Chunk] {
    text.withTextBytes { bytes in ranges(in: 0..<bytes.count, of: bytes).map { bytes.chunk($0) } }
  }

  /// The chunks of one part of a text.
  func ranges(in range: Range<Int>, of bytes: TextBytes) -> [Range<Int>] {
    var merger = PieceMerger(bytes: bytes, size: length.size, overlap: length.overlap)
    split(range, level: 0, into: &merger)
    return merger.output
  }

  /// From the coarsest cut to the finest; the empty one cuts between any two scalars.
  private static let separators: [[UInt8]] = [Array("\n\n".utf8), Array("\n".utf8), Array(" ".utf8), []]

  /// Cuts `range` with the first separator from `level` on that occurs in it. A separator stays at the start of the piece
  /// that follows it, so that pieces touch and whatever is merged is a range again.
  private func split(_ range: Range<Int>, level: Int, into merger: inout PieceMerger) {
    let bytes = merger.bytes
    var level = level
    var next: Int?
    while !Self.separators[level].isEmpty {
      next = bytes.firstOccurrence(of: Self.separators[level], in: range)
      if next != nil { break }
      level += 1
    }
    let separator = Self.separators[level]
    if separator.isEmpty { return splitAnywhere(range, into: &merger) }
    var start = range.lowerBound
    while start < range.upperBound {
      let end = next ?? range.upperBound
      next = next.flatMap { bytes.firstOccurrence(of: separator, in: $0 + separator.count..<range.upperBound) }
      if end > start { take(start..<end, level: level, into: &merger) }
      start = end
    }
    merger.flush()
  }

  /// What gathering the range scalar by scalar comes to: windows of the size that share the overlap. The merger is empty.
  private func splitAnywhere(_ range: Range<Int>, into merger: inout PieceMerger) {
    let bytes = merger.bytes
    // A scalar as long as the size is emitted as it is, white space too.
    let isWhole = length.size == 1
    let step = max(length.size - length.overlap, 1)
    var start = range.lowerBound
    while start < range.upperBound {
      let end = bytes.offset(length.size, scalarsBehind: start, in: range)
      if isWhole { merger.emitWhole(start..<end) } else { merger.emit(start..<end) }
      if end == range.upperBound { return }
      start = bytes.offset(step, scalarsBehind: start, in: range)
    }
  }

  /// Gathers a piece that is short enough; cuts a longer one again, after what was gathered before it.
  private func take(_ piece: Range<Int>, level: Int, into merger: inout PieceMerger) {
    let pieceLength = merger.bytes.scalarCount(piece)
    if pieceLength < length.size {
      merger.add(piece, length: pieceLength)
    } else if level + 1 < Self.separators.count {
      merger.flush()
      split(piece, level: level + 1, into: &merger)
    } else {
      merger.emitWhole(piece)
    }
  }
}
