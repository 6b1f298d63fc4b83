/// Leaves a text in one piece; one of white space alone gives no chunk.
public struct WholeChunker: Chunker {
  public static let kind = "whole"

  public init() {}

  public func chunks(of text: String) -> [Chunk] {
    text.withTextBytes { bytes in
      bytes.strippingWhiteSpace(0..<bytes.count).isEmpty ? [] : [bytes.chunk(0..<bytes.count)]
    }
  }
}
