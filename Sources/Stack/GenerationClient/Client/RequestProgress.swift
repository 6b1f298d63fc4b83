/// What came of one choice in one piece of a stream.
package struct RequestProgress: Sendable {
  package var choice: Int
  /// Nanoseconds of `CLOCK_MONOTONIC_RAW`.
  package var time: UInt64
  /// 0 for a piece that only says why the choice ended, or brings text of tokens that were told before.
  package var tokens: Int
  /// Empty unless the request keeps its text, and where the server tells none.
  package var ids: [Int32]
  /// Empty unless the request keeps its text.
  package var text: String
  package var finishReason: String?
}
