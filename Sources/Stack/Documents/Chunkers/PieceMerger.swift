/// Gathers touching pieces of a text into chunks of at most `size` scalars that share up to `overlap` by whole pieces.
///
/// LangChain's merge: when the next piece does not fit, what is gathered becomes a chunk, and pieces are dropped from its
/// front until the rest is no longer than the overlap and leaves room. A single piece longer than the size stays whole.
struct PieceMerger {
  let bytes: TextBytes
  let size: Int
  let overlap: Int
  /// Chunks so far, stripped of white space, none empty.
  private(set) var output: [Range<Int>] = []

  private var pieces: [(start: Int, length: Int)] = []
  private var head = 0
  private var end = 0
  private var length = 0

  init(bytes: TextBytes, size: Int, overlap: Int) {
    self.bytes = bytes
    self.size = size
    self.overlap = overlap
  }

  /// Takes the next piece, which begins where the last one ended unless `flush` was called in between.
  mutating func add(_ piece: Range<Int>, length pieceLength: Int) {
    if length + pieceLength > size, head < pieces.count {
      emitGathered()
      while length > overlap || (length + pieceLength > size && length > 0) { dropFirst() }
    }
    pieces.append((piece.lowerBound, pieceLength))
    end = piece.upperBound
    length += pieceLength
  }

  /// Ends the chunk at hand; nothing of it is shared with the next.
  mutating func flush() {
    if head < pieces.count { emitGathered() }
    pieces.removeAll(keepingCapacity: true)
    head = 0
    length = 0
  }

  /// A chunk of its own, as it is.
  mutating func emitWhole(_ piece: Range<Int>) {
    flush()
    output.append(piece)
  }

  /// A chunk of its own, stripped, if anything is left of it.
  mutating func emit(_ range: Range<Int>) {
    let stripped = bytes.strippingWhiteSpace(range)
    if !stripped.isEmpty { output.append(stripped) }
  }

  private mutating func emitGathered() { emit(pieces[head].start..<end) }

  private mutating func dropFirst() {
    length -= pieces[head].length
    head += 1
    if head > 1024, head * 2 > pieces.count {
      pieces.removeFirst(head)
      head = 0
    }
  }
}
