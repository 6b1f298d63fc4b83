/// One transformer layer, in whatever arithmetic: reads the hidden states of a block and leaves the next ones there.
protocol EncoderLayer: Sendable {
  func apply(to block: TextBlock, in workspace: EncoderWorkspace)
}

/// Texts whose tokens lie back to back as rows, without padding.
package struct TextBlock: Sendable, Equatable {
  /// Which texts of the batch.
  package var texts: Range<Int>
  /// Text i of the block is rows `starts[i]..<starts[i + 1]`; one more than there are texts.
  package var starts: [Int]

  package var rows: Int { starts[starts.count - 1] }
}
