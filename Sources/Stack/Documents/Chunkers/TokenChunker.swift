public import Tokenizers

/// Cuts a text into windows of a fixed number of tokens that share some with their neighbours.
///
/// A window begins at every multiple of size − overlap, as in Llama Stack's `make_overlapped_chunks`: the last one may lie
/// wholly inside the one before it. Special tokens are not counted, for they belong to no place in the text. A window whose
/// border falls inside a scalar (byte-level tokens do) takes the whole scalar.
public struct TokenChunker: Chunker {
  public static let kind = "tokens"

  public let tokenizer: any Tokenizer
  public let size: Int
  public let overlap: Int

  /// - Throws: `ChunkerError` unless size ≥ 1 and 0 ≤ overlap < size: windows would not get on.
  public init(tokenizer: any Tokenizer, size: Int, overlap: Int) throws {
    guard size >= 1 else { throw ChunkerError("size is \(size); a chunk holds at least 1 token") }
    guard overlap >= 0, overlap < size else {
      throw ChunkerError("overlap is \(overlap); it must be from 0 to \(size - 1), less than the size")
    }
    self.tokenizer = tokenizer
    self.size = size
    self.overlap = overlap
  }

  public func chunks(of text: String) -> [Chunk] {
    let places = tokenizer.encode(text, addSpecialTokens: false).ranges
    return text.withTextBytes { bytes in
      stride(from: 0, to: places.count, by: size - overlap).compactMap { first in
        let last = min(first + size, places.count) - 1
        var (start, end) = (places[first].lowerBound, places[last].upperBound)
        while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return start < end ? bytes.chunk(start..<end) : nil
      }
    }
  }
}
