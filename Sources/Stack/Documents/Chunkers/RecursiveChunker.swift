/// Cuts at paragraphs where they fit, else at lines, else at words, else anywhere: the semantics of LangChain's
/// `RecursiveCharacterTextSplitter` with its default separators, `keep_separator` at the start, and stripping.
///
/// Lengths are Unicode scalars. A piece is never cut while it is shorter than `size`; neighbours share up to `overlap`
/// scalars, by whole pieces.
public struct RecursiveChunker: Chunker {
  public static let kind = "recursive"

  public let size: Int
  public let overlap: Int

  /// - Throws: `ChunkerError` unless size ≥ 1 and 0 ≤ overlap ≤ size.
  public init(size: Int, overlap: Int) throws {
    guard size >= 1 else { throw ChunkerError("size is \(size); a chunk holds at least 1 character") }
    guard overlap >= 0, overlap <= size else {
      throw ChunkerError("overlap is \(overlap); it must be from 0 to the size, \(size)")
    }
    self.size = size
    self.overlap = overlap
  }

  public func chunks(of text: String) -> [Chunk] {
    text.withTextBytes { bytes in
      var splitter = RecursiveSplitter(bytes: bytes, size: size, overlap: overlap)
      splitter.split(0..<bytes.count, level: 0)
      return splitter.output.map { bytes.chunk($0) }
    }
  }
}

/// One run over one text. Pieces are ranges of the source throughout: separators stay at the start of the piece that
/// follows, so neighbouring pieces touch, and what is merged is a range again.
private struct RecursiveSplitter {
  let bytes: TextBytes
  let size: Int
  let overlap: Int
  var output: [Range<Int>] = []

  /// From the coarsest cut to the finest; the empty one cuts between any two scalars.
  static let separators: [[UInt8]] = [Array("\n\n".utf8), Array("\n".utf8), Array(" ".utf8), []]

  /// Cuts `range` with the first separator from `level` on that occurs in it.
  mutating func split(_ range: Range<Int>, level: Int) {
    var level = level
    var next: Int?
    while !Self.separators[level].isEmpty {
      next = bytes.firstOccurrence(of: Self.separators[level], in: range)
      if next != nil { break }
      level += 1
    }
    let separator = Self.separators[level]
    var window = MergeWindow()
    var start = range.lowerBound
    while start < range.upperBound {
      let end: Int
      if separator.isEmpty {
        end = start + bytes.scalarWidth(at: start)
      } else {
        end = next ?? range.upperBound
        next = next.flatMap { bytes.firstOccurrence(of: separator, in: $0 + separator.count..<range.upperBound) }
      }
      if end > start { take(start..<end, level: level, window: &window) }
      start = end
    }
    flush(&window)
  }

  /// Gathers a piece that is short enough; cuts a longer one again, after what was gathered before it.
  private mutating func take(_ piece: Range<Int>, level: Int, window: inout MergeWindow) {
    let length = bytes.scalarCount(piece)
    guard length >= size else {
      merge(piece, length: length, into: &window)
      return
    }
    flush(&window)
    if level + 1 < Self.separators.count {
      split(piece, level: level + 1)
    } else {
      output.append(piece)
    }
  }

  private mutating func merge(_ piece: Range<Int>, length: Int, into window: inout MergeWindow) {
    if window.length + length > size, let gathered = window.range {
      emit(gathered)
      while window.length > overlap || (window.length + length > size && window.length > 0) { window.dropFirst() }
    }
    window.append(piece, length: length)
  }

  private mutating func flush(_ window: inout MergeWindow) {
    if let gathered = window.range { emit(gathered) }
    window = MergeWindow()
  }

  private mutating func emit(_ range: Range<Int>) {
    let stripped = bytes.strippingWhiteSpace(range)
    if !stripped.isEmpty { output.append(stripped) }
  }
}

/// The pieces gathered for the next chunk: a queue of touching ranges.
private struct MergeWindow {
  private var pieces: [(start: Int, length: Int)] = []
  private var head = 0
  private var end = 0
  /// Scalars held.
  private(set) var length = 0

  var range: Range<Int>? { head < pieces.count ? pieces[head].start..<end : nil }

  mutating func append(_ piece: Range<Int>, length: Int) {
    if head > 1024, head * 2 > pieces.count {
      pieces.removeFirst(head)
      head = 0
    }
    pieces.append((piece.lowerBound, length))
    end = piece.upperBound
    self.length += length
  }

  mutating func dropFirst() {
    length -= pieces[head].length
    head += 1
  }
}
