internal import RAGPipeline

/// What became of one question of a pass; moments in nanoseconds of `MonotonicClock`.
struct AskedQuestion: Sendable {
  /// In the pass, warm-up questions included.
  var place: Int
  /// When it was to be asked: of a user's at the moment at which the last was answered, of a rate's by the schedule.
  var intended: UInt64
  /// When the answerer was called.
  var started: UInt64
  /// When the answer was there, or the failure.
  var ended: UInt64
  var result: Result<RAGAnswer, QuestionFailure>
}

/// Why a question has no answer, as one sentence.
struct QuestionFailure: Error, CustomStringConvertible {
  var description: String
}

/// All questions of a pass, and the window that counts.
struct AskedPass: Sendable {
  /// Measured ones, in the order in which they were to be asked.
  var measured: [AskedQuestion]
  /// Of the window, in seconds: from the last answer before the first measured question was to be asked, or from that moment where
  /// there was none, to the last measured answer.
  var seconds: Double
  /// Questions that were answered in the window, whether they are measured or keep the load up, and tokens of these answers. From
  /// answer to answer there are as many questions as times between them, and who is under way at the beginning counts for who is at
  /// the end.
  var answered: Int
  var outputTokens: Int
  /// Questions asked that are not measured.
  var others: Int

  /// - Parameters:
  ///   - asked: every question that ended before the pass did, in any order.
  ///   - places: of the measured ones.
  init(_ asked: [AskedQuestion], measured places: Range<Int>) {
    measured = asked.filter { places.contains($0.place) }.sorted { $0.place < $1.place }
    others = asked.count - measured.count
    let first = measured.map(\.intended).min() ?? 0
    let end = measured.map(\.ended).max() ?? 0
    let before = asked.map(\.ended).filter { $0 <= first }.max()
    let start = before ?? first
    seconds = Double(end &- start) / 1e9
    let inside = asked.filter { $0.ended > start && $0.ended <= end }.compactMap { try? $0.result.get() }
    answered = inside.count
    outputTokens = inside.reduce(0) { $0 + $1.completionTokens }
  }
}
