/// Several texts that grow at once, as lines that a terminal can show over and over.
public struct ParallelTexts: Sendable {
  private let headings: [String]
  public private(set) var texts: [String]

  /// - Parameter headings: one for each text.
  public init(headings: [String]) {
    self.headings = headings
    texts = headings.map { _ in "" }
  }

  public mutating func append(_ part: String, to text: Int) { texts[text] += part }

  /// A heading and the end of every text, as much as there is room for: at most `height` lines of at most `width` cells.
  public func lines(width: Int, height: Int) -> [String] {
    let room = max(1, height / max(1, texts.count) - 1)
    let all = zip(headings, texts).flatMap { heading, text in
      [DisplayWidth.truncated(heading, to: width)] + wrapped(text, to: width).suffix(room)
    }
    return Array(all.prefix(max(1, height)))
  }

  private func wrapped(_ text: String, to width: Int) -> [String] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap {
      DisplayWidth.wrapped(String($0).replacing("\t", with: " "), to: width)
    }
  }
}
